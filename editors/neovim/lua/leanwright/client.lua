-- Talks to the server of a buffer. Every answer comes by callback: Neovim never waits.

local M = {}

---The client of a buffer that speaks to Leanwright.
---@param buffer? integer
---@return vim.lsp.Client?
function M.of(buffer)
  local clients = vim.lsp.get_clients({ bufnr = buffer or 0, name = require('leanwright').config.server })
  return clients[1]
end

---Say something to the user, the same way everywhere.
---@param text string
---@param level? integer
function M.say(text, level)
  vim.notify('Leanwright: ' .. text, level or vim.log.levels.INFO)
end

---Where the cursor is, as the protocol has it.
---@param client vim.lsp.Client
function M.place(client)
  return vim.lsp.util.make_position_params(0, client.offset_encoding)
end

---The document of a buffer.
---@param buffer? integer
function M.document(buffer)
  return { textDocument = { uri = vim.uri_from_bufnr(buffer or 0) } }
end

---Ask `leanwright/<method>`; an error is said and ends it.
---@param method string
---@param params table
---@param done fun(result: table)
---@param buffer? integer
function M.request(method, params, done, buffer)
  local client = M.of(buffer)
  if not client then
    M.say('no Lean server is attached to this buffer (:checkhealth leanwright)', vim.log.levels.WARN)
    return
  end
  client:request('leanwright/' .. method, params, function(failure, result)
    if failure then
      M.say(failure.message, vim.log.levels.WARN)
    else
      done(result)
    end
  end, buffer or 0)
end

return M
