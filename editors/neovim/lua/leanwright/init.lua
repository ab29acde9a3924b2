-- Setting up: which server Neovim starts for Lean files, and what follows its holes.

local M = {}

---@class leanwright.Config
---@field command string[] program and arguments before `serve`
---@field server string the name of the LSP configuration; lean.nvim's is `leanls`
---@field arguments string[] arguments of `serve`, such as `--sandbox`, `landlock`
---@field signs boolean show the state of each hole in the sign column
---@field log? string a file that Leanwright writes a log to

---@type leanwright.Config
M.config = {
  command = { 'leanwright' },
  server = 'leanls',
  arguments = {},
  signs = true,
  log = nil,
}

---Make Leanwright the Lean server. With lean.nvim this overrides the command of its server, and nothing else of it.
---@param options? table members of leanwright.Config
function M.setup(options)
  M.config = vim.tbl_deep_extend('force', M.config, options or {})
  vim.lsp.config(M.config.server, {
    cmd = function(dispatchers, config)
      local command = vim.list_extend(vim.deepcopy(M.config.command), {})
      if M.config.log then
        vim.list_extend(command, { '--log', M.config.log })
      end
      table.insert(command, 'serve')
      vim.list_extend(command, M.config.arguments)
      vim.list_extend(command, { '--', config.root_dir })
      -- A list as `cmd` would be started in Neovim's own folder, from which Lean takes its root.
      return vim.lsp.rpc.start(command, dispatchers, {
        cwd = config.cmd_cwd or config.root_dir,
        env = config.cmd_env,
        detached = config.detached,
      })
    end,
    filetypes = { 'lean' },
    root_markers = { { 'lakefile.toml', 'lakefile.lean' }, 'lean-toolchain' },
    handlers = require('leanwright.signs').handlers(),
  })
  vim.lsp.enable(M.config.server)
end

---How the holes of the current buffer stand, in a few signs for a status line; empty where there are none.
---@return string
function M.statusline()
  local counts = vim.b.leanwright
  if not counts or counts.holes == 0 then
    return ''
  end
  local parts = { counts.holes == 1 and '1 hole' or counts.holes .. ' holes' }
  for _, one in ipairs({ { 'offered', '✓' }, { 'reserved', '≈' }, { 'running', '…' } }) do
    if counts[one[1]] then
      table.insert(parts, counts[one[1]] .. one[2])
    end
  end
  return table.concat(parts, ' ')
end

return M
