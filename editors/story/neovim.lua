-- Plays a story in real Neovims, one for each window of it, by the commands and functions that a user has.
--
--   nvim --clean --headless -l neovim.lua STORY FOLDER      prints each step that was seen; FOLDER holds the projects
--
-- LEANWRIGHT and LEANWRIGHT_PLUGIN say where the program and the plugin are.

local story = vim.json.decode(table.concat(vim.fn.readfile(arg[1]), '\n'))
local folder = arg[2]
local patience = 120000

-- What runs inside of a window: a table of functions that each return a value, or nil as long as there is nothing to see.
local inside = [==[
local plugin, leanwright, beside = ...
vim.opt.swapfile = false
vim.opt.runtimepath:prepend(plugin)
if beside ~= vim.NIL then
  vim.opt.runtimepath:prepend(beside)
end
vim.cmd('filetype plugin on')
vim.cmd.source(plugin .. '/plugin/leanwright.lua')
said = {}
vim.notify = function(text)
  table.insert(said, text)
end
require('leanwright').setup({ command = { leanwright } })

local function float()
  local window = vim.api.nvim_get_current_win()
  if vim.api.nvim_win_get_config(window).relative ~= '' then
    return vim.api.nvim_buf_get_lines(0, 0, -1, false)
  end
end

local function press(keys)
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, false, true), 'xt', false)
end

-- The lines of a floating window that a command opens; after a look it is closed. A refusal is a reason to ask again.
local asked
local function shown(command)
  local lines = float()
  if lines then
    asked = nil
    press('q')
  elseif asked ~= #said then
    asked = #said
    vim.cmd('Leanwright ' .. command)
  end
  return lines
end

local words = { ['○'] = 'idle', ['…'] = 'running', ['✓'] = 'offered', ['≈'] = 'reserved', ['✗'] = 'refused', ['-'] = 'skipped' }

story = {
  open = function(file)
    if float() then
      press('q')
    end
    vim.cmd.edit(vim.fn.fnameescape(file))
    return true
  end,
  cursor = function(line, column)
    vim.api.nvim_win_set_cursor(0, { line, column - 1 })
    return true
  end,
  command = function(name)
    vim.cmd('Leanwright ' .. name)
    return true
  end,
  -- As lean.nvim does it: the file is opened anew, at version 0.
  restartFile = function()
    local server, uri = vim.lsp.get_clients({ bufnr = 0, name = 'leanls' })[1], vim.uri_from_bufnr(0)
    local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') .. '\n'
    server:notify('textDocument/didClose', { textDocument = { uri = uri } })
    server:notify('textDocument/didOpen', { textDocument = { uri = uri, languageId = 'lean', version = 0, text = text } })
    return true
  end,
  forward = function()
    press('<Right>')
    return true
  end,
  action = function(title)
    vim.lsp.buf.code_action({
      apply = true,
      filter = function(action)
        return action.title:find(title, 1, true) ~= nil
      end,
    })
    return true
  end,
  warnings = function()
    return #vim.diagnostic.get(0, { severity = vim.diagnostic.severity.WARN })
  end,
  states = function()
    local by_line = require('leanwright.signs').shown(0)
    local lines = vim.tbl_keys(by_line)
    table.sort(lines)
    return vim.tbl_map(function(line)
      return words[by_line[line]]
    end, lines)
  end,
  holes = function()
    vim.cmd.cclose()
    vim.cmd('Leanwright holes')
    vim.wait(200)
    local items = vim.tbl_map(function(item)
      return (item.text:gsub(' %[%w+%] ', ': '))
    end, vim.fn.getqflist())
    vim.cmd.cclose()
    return items
  end,
  goals = function()
    local lines = shown('goals')
    return lines and vim.tbl_map(function(line)
      return line:sub(3)
    end, lines)
  end,
  lens = function()
    vim.lsp.codelens.refresh({ bufnr = 0 })
    vim.wait(200)
    return table.concat(vim.tbl_map(function(lens)
      return lens.command and lens.command.title or ''
    end, vim.lsp.codelens.get(0)), '\n')
  end,
  message = function()
    return table.concat(said, '\n')
  end,
  heard = function()
    said = {}
    return true
  end,
  certificate = function()
    local lines = shown('certificate')
    return lines and table.concat(lines, '\n')
  end,
  step = function()
    return float() and table.concat(float(), '\n')
  end,
  line = function(number)
    return vim.api.nvim_buf_get_lines(0, number - 1, number, false)[1]
  end,
  doctor = function()
    if vim.bo.filetype ~= 'checkhealth' then
      return nil
    end
    return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  end,
  servers = function()
    return #vim.lsp.get_clients({ name = 'leanls' })
  end,
  theirs = function()
    return (vim.g.lean_nvim_progress or 0) > 0
  end,
}
]==]

local Window = {}
Window.__index = Window

function Window.open(step)
  local job = vim.fn.jobstart({ vim.v.progpath, '--clean', '--embed', '--headless' }, { rpc = true })
  local window = setmetatable({ job = job }, Window)
  local beside = step.beside and vim.env.LEANWRIGHT_LEAN_NVIM or vim.NIL
  vim.rpcrequest(job, 'nvim_exec_lua', inside, { vim.env.LEANWRIGHT_PLUGIN, vim.env.LEANWRIGHT, beside })
  return window
end

function Window:call(name, ...)
  local result = vim.rpcrequest(self.job, 'nvim_exec_lua', ('return story.%s(...)'):format(name), { ... })
  return result ~= vim.NIL and result or nil
end

local function same(seen, expected)
  return vim.deep_equal(seen, expected), ('saw %s instead of %s'):format(vim.inspect(seen), vim.inspect(expected))
end

local function contains(seen, parts)
  for _, part in ipairs(type(parts) == 'table' and parts or { parts }) do
    if not (seen or ''):lower():find(part:lower(), 1, true) then
      return false, ('no %q in %s'):format(part, vim.inspect(seen))
    end
  end
  return true
end

local doing = {
  open = function(window, step)
    window:call('open', folder .. '/' .. step.file)
  end,
  cursor = function(window, step)
    window:call('cursor', step.line, step.column)
  end,
  action = function(window, step)
    window:call('action', step.title)
  end,
  forward = function(window)
    window:call('forward')
  end,
  restartFile = function(window)
    window:call('restartFile')
  end,
  -- Who calls setup() has agreed.
  consent = function() end,
}
for name, command in pairs({ prove = 'prove', proveAll = 'proveAll', walk = 'walk', doctor = 'health' }) do
  doing[name] = function(window)
    window:call('command', command)
  end
end

local seeing = {
  text = function(window, step)
    return same(window:call('line', step.line), step.is)
  end,
  message = function(window, step)
    local heard, why = contains(window:call('message'), step.says)
    if heard then
      window:call('heard')
    end
    return heard, why
  end,
  theirs = function(window)
    return window:call('theirs'), 'the other plugin saw nothing'
  end,
}
for _, name in ipairs({ 'states', 'holes', 'goals' }) do
  seeing[name] = function(window, step)
    return same(window:call(name), step.are)
  end
end
for _, name in ipairs({ 'warnings', 'servers' }) do
  seeing[name] = function(window, step)
    return same(window:call(name), step.count)
  end
end
for _, name in ipairs({ 'lens', 'certificate', 'step', 'doctor' }) do
  seeing[name] = function(window, step)
    return contains(window:call(name), step.says)
  end
end

local windows, here = {}, nil
-- The others are the other editor's.
local steps = vim.tbl_filter(function(step)
  return (step.only or 'neovim') == 'neovim'
end, story.steps)
for number, step in ipairs(steps) do
  local fine, why = true, nil
  if step['do'] == 'window' then
    windows[step.name] = windows[step.name] or Window.open(step)
    here = windows[step.name]
  elseif step['do'] then
    doing[step['do']](here, step)
  else
    local look = seeing[step.see]
    fine = vim.wait(patience, function()
      local seen
      seen, why = look(here, step)
      return seen
    end, 100)
  end
  if not fine then
    local said = vim.inspect(here:call('message'):sub(-2000))
    io.stderr:write(('step %d (%s): waited in vain: %s\nsaid: %s\n'):format(number, vim.json.encode(step), why, said))
    os.exit(1)
  end
  io.stdout:write(vim.json.encode(step) .. '\n')
end
for _, window in pairs(windows) do
  vim.rpcnotify(window.job, 'nvim_command', 'qall!')
end
vim.wait(10000, function()
  return vim.iter(windows):all(function(_, window)
    return vim.fn.jobwait({ window.job }, 0)[1] ~= -1
  end)
end, 50)
vim.cmd('qall!')
