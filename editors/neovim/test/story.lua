-- The story in a real Neovim: open, see the holes, prove one, take the code action, walk. Prints what it saw as JSON.
--
--   nvim --clean --headless -l story.lua PLUGIN LEANWRIGHT FILE

local plugin, leanwright, file = arg[1], arg[2], arg[3]
vim.opt.runtimepath:prepend(plugin)
vim.opt.swapfile = false
vim.cmd('filetype plugin on')
vim.cmd.source(plugin .. '/plugin/leanwright.lua')

local said = {}
vim.notify = function(text)
  table.insert(said, text)
end

local function wait(what, condition)
  if not vim.wait(300000, condition, 50) then
    io.stderr:write('waited in vain for ' .. what .. '\n' .. table.concat(said, '\n') .. '\n')
    os.exit(1)
  end
end

local function heard(text)
  return vim.iter(said):any(function(line)
    return line:find(text, 1, true) ~= nil
  end)
end

local function content()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end

local function sorries()
  return #vim.tbl_filter(function(one)
    return one.message:find('declaration uses', 1, true) ~= nil
  end, vim.diagnostic.get(0))
end

local seen = {}
require('leanwright').setup({ command = { leanwright } })
vim.cmd.edit(vim.fn.fnameescape(file))
local buffer = vim.api.nvim_get_current_buf()
local signs = require('leanwright.signs')

wait('the server', function()
  return #vim.lsp.get_clients({ bufnr = buffer, name = 'leanls' }) == 1
end)
wait('two warnings', function()
  return sorries() == 2
end)
wait('two signs', function()
  return vim.tbl_count(signs.shown(buffer)) == 2
end)
seen.signs_before = vim.tbl_values(signs.shown(buffer))

-- Goals come when Lean has answered: the list shows what is known when it is asked for.
wait('the goals of the holes', function()
  vim.cmd.cclose()
  vim.cmd('Leanwright holes')
  vim.wait(200)
  return #vim.fn.getqflist() == 2 and not vim.fn.getqflist()[2].text:find('pending', 1, true)
end)
seen.quickfix = vim.tbl_map(function(item)
  return ('%d:%d %s'):format(item.lnum, item.col, item.text)
end, vim.fn.getqflist())
vim.cmd.cclose()

vim.api.nvim_win_set_cursor(0, { 2, 2 })
vim.cmd('Leanwright goals')
wait('the goals', function()
  return #vim.api.nvim_list_wins() == 2
end)
seen.goals = vim.api.nvim_buf_get_lines(0, 0, -1, false)
vim.api.nvim_feedkeys('q', 'xt', false)

vim.cmd('Leanwright prove')
wait('a proof', function()
  return heard('verified: ')
end)
wait('the sign of an offer', function()
  return signs.shown(buffer)[1] == '✓'
end)
vim.cmd('Leanwright certificate')
wait('the certificate', function()
  return #vim.api.nvim_list_wins() == 2
end)
seen.certificate = vim.api.nvim_buf_get_lines(0, 0, -1, false)
vim.api.nvim_feedkeys('q', 'xt', false)

vim.api.nvim_win_set_cursor(0, { 2, 2 })
vim.lsp.buf.code_action({
  apply = true,
  filter = function(action)
    return action.title:find('^Replace sorry') ~= nil
  end,
})
wait('the replacement', function()
  return content():find('omega', 1, true) ~= nil
end)
wait('one warning', function()
  return sorries() == 1
end)
seen.content = content()

-- The other hole by what the server shows as a code lens: its command is Neovim's own to run.
vim.lsp.codelens.refresh({ bufnr = buffer })
wait('a lens', function()
  return #vim.lsp.codelens.get(buffer) > 0
end)
seen.lenses = vim.tbl_map(function(lens)
  return lens.command and lens.command.title
end, vim.lsp.codelens.get(buffer))
vim.cmd('Leanwright proveAll')
wait('the other proof', function()
  return heard('1 of 1 verified')
end)

vim.api.nvim_win_set_cursor(0, { 8, 2 })
vim.cmd('Leanwright walk')
wait('the walk', function()
  return #vim.api.nvim_list_wins() == 2
end)
seen.walk = { vim.api.nvim_buf_get_lines(0, 0, -1, false) }
vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes('<Right>', true, false, true), 'xt', false)
table.insert(seen.walk, vim.api.nvim_buf_get_lines(0, 0, -1, false))
vim.api.nvim_feedkeys('q', 'xt', false)

vim.cmd('Leanwright nonsense')
seen.nonsense = said[#said]
vim.cmd('checkhealth leanwright')
seen.health = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
io.stdout:write(vim.json.encode(seen))
vim.lsp.stop_client(vim.lsp.get_clients())
vim.wait(5000, function()
  return #vim.lsp.get_clients() == 0
end, 50)
vim.cmd('qall!')
