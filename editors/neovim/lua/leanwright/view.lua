-- Floating windows: text that is looked at and closed with `q`. The walk steps with the arrow keys.

local M = {}

---@param lines string[]
---@param title string
---@param filetype? string
---@return integer buffer, integer window
function M.float(lines, title, filetype)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].modifiable = false
  if filetype then
    -- Highlighting without a language server: this is no file.
    vim.bo[buffer].syntax = filetype
  end
  local width = 40
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line) + 1)
  end
  width = math.min(width, vim.o.columns - 6)
  local height = math.min(math.max(#lines, 1), vim.o.lines - 6)
  local window = vim.api.nvim_open_win(buffer, true, {
    relative = 'editor',
    style = 'minimal',
    border = 'rounded',
    title = ' ' .. title .. ' ',
    width = width,
    height = height,
    -- Away from the cursor, which stands in the proof that this is about.
    row = vim.fn.screenrow() > vim.o.lines / 2 and 1 or math.max(vim.o.lines - height - 4, 0),
    col = math.max(vim.o.columns - width - 3, 0),
  })
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, '<Cmd>close<CR>', { buffer = buffer, nowait = true })
  end
  return buffer, window
end

local signs = { new = '+ ', gone = '- ', changed = '~ ' }

---A goal as lines, each with its mark; plain where nothing is compared.
---@param goal leanwright.Goal
---@param plain? boolean
---@return string[]
function M.goal_lines(goal, plain)
  local lines = {}
  local function add(text)
    vim.list_extend(lines, vim.split(text, '\n'))
  end
  if goal.case then
    add('  case ' .. goal.case)
  end
  for _, one in ipairs(goal.hypotheses) do
    local value = one.value and (' := ' .. one.value) or ''
    add((not plain and signs[one.mark] or '  ') .. table.concat(one.names, ' ') .. ' : ' .. one.type .. value)
  end
  add((not plain and signs[goal.mark] or '  ') .. '⊢ ' .. goal.target)
  return lines
end

---@param goals leanwright.Goal[]
---@param plain? boolean
---@return string[]
function M.goals_lines(goals, plain)
  if #goals == 0 then
    return { '  no goals' }
  end
  local lines = {}
  for index, goal in ipairs(goals) do
    if index > 1 then
      table.insert(lines, '')
    end
    vim.list_extend(lines, M.goal_lines(goal, plain))
  end
  return lines
end

---A value as JSON that a person can read: a member per line, by name.
---@param value any
---@return string[]
function M.json_lines(value)
  if type(value) ~= 'table' or next(value) == nil then
    return { vim.json.encode(value) }
  end
  local is_list = vim.islist(value)
  local keys = vim.tbl_keys(value)
  table.sort(keys)
  local lines = { is_list and '[' or '{' }
  for index, key in ipairs(keys) do
    local inner = M.json_lines(value[key])
    inner[1] = (is_list and '' or vim.json.encode(tostring(key)) .. ': ') .. inner[1]
    inner[#inner] = inner[#inner] .. (index < #keys and ',' or '')
    for _, line in ipairs(inner) do
      table.insert(lines, '  ' .. line)
    end
  end
  table.insert(lines, is_list and ']' or '}')
  return lines
end

---@param walk leanwright.Walk
---@param index integer 1-based
---@return string[]
local function step_lines(walk, index)
  local step = walk.steps[index]
  local lines = { ('%d of %d  %s'):format(index, #walk.steps, vim.split(step.text, '\n')[1]), '', 'before' }
  vim.list_extend(lines, M.goals_lines(step.before))
  vim.list_extend(lines, { '', 'after' })
  vim.list_extend(lines, M.goals_lines(step.after))
  return lines
end

---A window that steps through a walk; the tactic is marked in the source.
---@param walk leanwright.Walk
---@param source integer the buffer with the proof
function M.walk(walk, source)
  local namespace = vim.api.nvim_create_namespace('leanwright-walk')
  local height = 0
  for index = 1, #walk.steps do
    height = math.max(height, #step_lines(walk, index))
  end
  local buffer, window = M.float(step_lines(walk, 1), walk.declaration, 'lean')
  vim.api.nvim_win_set_height(window, math.min(height, vim.o.lines - 6))
  local here = 1
  local function show(index)
    here = math.max(1, math.min(index, #walk.steps))
    vim.bo[buffer].modifiable = true
    vim.api.nvim_buf_set_lines(buffer, 0, -1, false, step_lines(walk, here))
    vim.bo[buffer].modifiable = false
    vim.api.nvim_buf_clear_namespace(source, namespace, 0, -1)
    local range = walk.steps[here].range
    for line = range.start.line, math.min(range['end'].line, vim.api.nvim_buf_line_count(source) - 1) do
      vim.api.nvim_buf_set_extmark(source, namespace, line, 0, { line_hl_group = 'Visual' })
    end
  end
  for keys, move in pairs({ ['<Right>'] = 1, l = 1, n = 1, ['<Left>'] = -1, h = -1, p = -1, ['0'] = -1e9, G = 1e9 }) do
    vim.keymap.set('n', keys, function()
      show(here + move)
    end, { buffer = buffer, nowait = true })
  end
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = buffer,
    once = true,
    callback = function()
      if vim.api.nvim_buf_is_valid(source) then
        vim.api.nvim_buf_clear_namespace(source, namespace, 0, -1)
      end
    end,
  })
  show(1)
end

return M
