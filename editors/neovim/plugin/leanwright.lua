-- The command `:Leanwright` and the <Plug> maps. Nothing else is loaded until one of them is used.
if vim.g.loaded_leanwright then
  return
end
vim.g.loaded_leanwright = true

local function run(name)
  return function()
    require('leanwright.commands').run(name)
  end
end

vim.api.nvim_create_user_command('Leanwright', function(options)
  require('leanwright.commands').run(options.fargs[1] or 'status')
end, {
  nargs = '?',
  desc = 'Leanwright: prove holes, look at goals, walk through proofs',
  complete = function(typed)
    return require('leanwright.commands').complete(typed)
  end,
})

for name, map in pairs({
  prove = 'prove',
  proveAll = 'prove-all',
  take = 'take',
  stop = 'stop',
  holes = 'holes',
  goals = 'goals',
  walk = 'walk',
  certificate = 'certificate',
  context = 'context',
}) do
  vim.keymap.set('n', '<Plug>(leanwright-' .. map .. ')', run(name), { desc = 'Leanwright: ' .. name })
end
