-- `:checkhealth leanwright`

local M = {}

function M.check()
  local health = vim.health
  local config = require('leanwright').config
  health.start('Leanwright')
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok('Neovim ' .. tostring(vim.version()))
  else
    health.error('Neovim 0.11 or newer is needed', { 'you have ' .. tostring(vim.version()) })
  end
  local program = vim.fn.exepath(config.command[1])
  if program == '' then
    health.error(('`%s` is not on PATH'):format(config.command[1]), { 'install it, or set `command` in setup()' })
  else
    local version = vim.fn.systemlist({ program, '--version' })[1] or '?'
    health.ok(('%s (%s)'):format(version, program))
    local toolchain = vim.fn.systemlist(vim.list_extend({ program }, { 'toolchain', 'status' }))
    if vim.v.shell_error == 0 then
      health.ok('Lean: ' .. table.concat(toolchain, ' '))
    else
      health.error('no Lean: ' .. table.concat(toolchain, ' '), { 'install elan, or run `leanwright toolchain install`' })
    end
  end
  if #vim.api.nvim_get_runtime_file('lua/lean/init.lua', false) > 0 then
    health.info('lean.nvim is there: its server `' .. config.server .. '` is started through Leanwright')
  end
  local clients = vim.lsp.get_clients({ name = config.server })
  if #clients == 0 then
    health.info('no Lean file is open')
  end
  for _, client in ipairs(clients) do
    health.ok(('attached to %s'):format(client.root_dir or '?'))
    local answer = client:request_sync('leanwright/status', vim.NIL, 2000)
    local status = answer and answer.result
    if not status then
      health.warn('its server is not behind Leanwright', { 'is `setup()` called before a Lean file is opened?' })
    else
      health.ok('runner: ' .. table.concat(status.runner, ' '))
      health.info(('holes: %d, of which %d verified, %d running'):format(status.holes, status.offers, status.running))
      for _, why in ipairs(status.off) do
        health.warn('switched off: ' .. why)
      end
    end
  end
end

return M
