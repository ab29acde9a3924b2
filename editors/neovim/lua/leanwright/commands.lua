-- What `:Leanwright <name>` does, one function each.

local client = require('leanwright.client')
local view = require('leanwright.view')

local M = {}

---Ask about the place of the cursor. An answer that comes when the user has moved on to another buffer is not shown.
---@param method string
---@param show fun(result: table)
local function look(method, show)
  local server, buffer = client.of(), vim.api.nvim_get_current_buf()
  client.request(method, server and client.place(server) or {}, function(result)
    if vim.api.nvim_get_current_buf() == buffer then
      show(result)
    end
  end)
end

-- Kinds of yes; an older server has only one.
local kinds = { open_lemmas = 'verified, rests on open lemmas', warned = 'verified, with a warning' }

---Work on the hole under the cursor; a verified replacement is then among the code actions.
function M.prove()
  local server = client.of()
  client.request('prove', server and client.place(server) or {}, function(result)
    if result.replacement then
      local kind = kinds[result.acceptance] or 'verified'
      client.say(kind .. ': ' .. result.replacement .. '. Take it by a code action.')
    else
      client.say('no proof found: ' .. (result.reason or 'nothing was tried'))
    end
  end)
end

---Put what was verified in place of the hole under the cursor.
function M.take()
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return action.data and action.data.leanwright and action.edit ~= nil
    end,
  })
end

function M.proveAll()
  client.request('proveAll', client.document(), function(all)
    local counts = { verified = 0, open_lemmas = 0, warned = 0 }
    for _, one in ipairs(all.results) do
      if one.replacement then
        local acceptance = one.acceptance or 'verified'
        counts[acceptance] = (counts[acceptance] or 0) + 1
      end
    end
    local text = ('%d of %d verified'):format(counts.verified, #all.results)
    if counts.open_lemmas > 0 then
      text = text .. (', %d on open lemmas'):format(counts.open_lemmas)
    end
    if counts.warned > 0 then
      text = text .. (', %d with a warning'):format(counts.warned)
    end
    client.say(text)
  end)
end

function M.stop()
  client.request('cancel', client.document(), function()
    client.say('stopped')
  end)
end

---The holes of the buffer as a quickfix list.
function M.holes()
  local buffer = vim.api.nvim_get_current_buf()
  client.request('holes', client.document(), function(result)
    local items = vim.tbl_map(function(hole)
      local goal = hole.goal.goal or (hole.goal.goals or {})[1] or hole.goal.state
      local target = goal:match('⊢ (.*)') or goal
      return {
        bufnr = buffer,
        lnum = hole.range.start.line + 1,
        col = vim.str_byteindex(
          vim.api.nvim_buf_get_lines(buffer, hole.range.start.line, hole.range.start.line + 1, false)[1] or '',
          'utf-16',
          hole.range.start.character,
          false
        ) + 1,
        text = ('%s [%s] %s'):format(hole.declaration or hole.kind, hole.work.state, target:gsub('%s+', ' ')),
      }
    end, result.holes)
    vim.fn.setqflist({}, ' ', { title = 'Leanwright: holes', items = items })
    if #items == 0 then
      client.say('no holes')
    else
      -- Across the whole width, also where an infoview stands at the side.
      vim.cmd('botright copen')
    end
  end)
end

function M.goals()
  look('goals', function(result)
    local lines = {}
    if result.goals then
      vim.list_extend(lines, view.goals_lines(result.goals, true))
    end
    if result.termGoal then
      vim.list_extend(lines, #lines > 0 and { '', 'expected type' } or { 'expected type' })
      vim.list_extend(lines, view.goal_lines(result.termGoal, true))
    end
    view.float(#lines > 0 and lines or { 'no goal here' }, 'Goals', 'lean')
  end)
end

---Walk through the proof under the cursor: arrow keys step, `q` closes.
function M.walk()
  local source = vim.api.nvim_get_current_buf()
  look('walk', function(walk)
    view.walk(walk, source)
  end)
end

function M.certificate()
  look('certificate', function(found)
    local verdict = found.verdict
    local lines = {
      'replacement  ' .. found.replacement:gsub('%s+', ' '),
      'verdict      ' .. verdict.verdict,
      'axioms       ' .. (#verdict.axioms > 0 and table.concat(verdict.axioms, ', ') or 'none'),
      'rests on     ' .. (#verdict.rests_on > 0 and table.concat(verdict.rests_on, ', ') or 'no open hole'),
      'toolchain    ' .. verdict.toolchain,
      'sandbox      ' .. verdict.sandbox:gsub('_', ' '),
      '',
    }
    local names = vim.tbl_keys(verdict.guards)
    table.sort(names)
    for _, name in ipairs(names) do
      local guard = verdict.guards[name]
      local why = guard.note or guard.reason or guard.evidence
      table.insert(lines, ('%-20s %s%s'):format(name, guard.status, why and (': ' .. tostring(why)) or ''))
    end
    for _, note in ipairs(verdict.notes) do
      table.insert(lines, 'note                 ' .. note)
    end
    view.float(lines, 'Certificate')
  end)
end

---What a runner would be told about the hole under the cursor.
function M.context()
  look('context', function(task)
    view.float(view.json_lines(task), 'What would be sent', 'json')
  end)
end

function M.status()
  client.request('status', vim.NIL, function(status)
    local off = #status.off > 0 and ('; off: ' .. table.concat(status.off, '; ')) or ''
    client.say(
      ('%s, %s; %d holes, %d offers, %d running%s'):format(
        status.version,
        status.toolchain,
        status.holes,
        status.offers,
        status.running,
        off
      )
    )
  end)
end

function M.log()
  local file = require('leanwright').config.log
  if file then
    vim.cmd.split(vim.fn.fnameescape(file))
  else
    client.say('no log is written: set `log` in setup()')
  end
end

function M.health()
  vim.cmd.checkhealth('leanwright')
end

local not_commands = { run = true, complete = true }

---@param name string
function M.run(name)
  if not_commands[name] or not M[name] then
    client.say(('no command `%s`; there are %s'):format(name, table.concat(M.complete(''), ', ')), vim.log.levels.ERROR)
    return
  end
  M[name]()
end

---@param typed string
---@return string[]
function M.complete(typed)
  local names = vim.tbl_filter(function(name)
    return not not_commands[name] and vim.startswith(name, typed)
  end, vim.tbl_keys(M))
  table.sort(names)
  return names
end

return M
