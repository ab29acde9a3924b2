-- A stand-in for lean.nvim, as far as we rely on it: a configuration `leanls` whose `cmd` is a function, with handlers and an
-- `on_init` of its own that have to stay. None of its code is here.

return {
  cmd = function(dispatchers, config)
    return vim.lsp.rpc.start({ 'lake', 'serve', '--', config.root_dir }, dispatchers, { cwd = config.root_dir })
  end,
  filetypes = { 'lean' },
  root_dir = function(buffer, done)
    done(vim.fs.root(buffer, { 'lakefile.toml', 'lakefile.lean', 'lean-toolchain' }))
  end,
  handlers = {
    ['$/lean/fileProgress'] = function()
      vim.g.lean_nvim_progress = (vim.g.lean_nvim_progress or 0) + 1
    end,
  },
  on_init = function()
    vim.g.lean_nvim_on_init = true
  end,
}
