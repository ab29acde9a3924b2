-- A sign for each hole: open, running, verified, without a proof. Refreshed when the server says that something changed.

local client = require('leanwright.client')

local M = {}

local namespace = vim.api.nvim_create_namespace('leanwright')

local looks = {
  idle = { '○', 'DiagnosticSignHint' },
  running = { '…', 'DiagnosticSignInfo' },
  offered = { '✓', 'DiagnosticSignOk' },
  -- Rests on open lemmas, or with a warning.
  reserved = { '≈', 'DiagnosticSignWarn' },
  refused = { '✗', 'DiagnosticSignWarn' },
  skipped = { '-', 'DiagnosticSignHint' },
}

-- Below that of diagnostics, which is 10: an error's sign is not hidden by ours.
local priority = 9

---@param buffer integer
function M.refresh(buffer)
  if not require('leanwright').config.signs or not vim.api.nvim_buf_is_loaded(buffer) then
    return
  end
  local server = client.of(buffer)
  if not server then
    return
  end
  -- The version that the server knows says nothing: a plugin that opens the file anew begins to count anew.
  local tick = vim.api.nvim_buf_get_changedtick(buffer)
  server:request('leanwright/holes', client.document(buffer), function(failure, result)
    -- In the background nothing is an error: the next change asks again.
    if failure or not vim.api.nvim_buf_is_loaded(buffer) then
      return
    end
    if vim.api.nvim_buf_get_changedtick(buffer) ~= tick then
      return
    end
    local counts = { holes = #result.holes }
    vim.api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
    for _, hole in ipairs(result.holes) do
      local left_alone = hole.skipped and hole.work.state == 'idle'
      local plain = hole.work.acceptance == nil or hole.work.acceptance == 'verified'
      local standing = left_alone and 'skipped' or not plain and 'reserved' or hole.work.state
      local look = looks[standing] or looks.idle
      local line = hole.range.start.line
      counts[standing] = (counts[standing] or 0) + 1
      if line < vim.api.nvim_buf_line_count(buffer) then
        vim.api.nvim_buf_set_extmark(buffer, namespace, line, 0, {
          sign_text = look[1],
          sign_hl_group = look[2],
          priority = priority,
          virt_text = standing == 'running' and { { '  proving: ' .. (hole.work.step or '…'), 'Comment' } } or nil,
        })
      end
    end
    vim.b[buffer].leanwright = counts
    vim.cmd.redrawstatus()
  end, buffer)
end

---The signs of a buffer, by 0-based line.
---@param buffer integer
function M.shown(buffer)
  local shown = {}
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buffer, namespace, 0, -1, { details = true })) do
    shown[mark[2]] = vim.trim(mark[4].sign_text)
  end
  return shown
end

---Handlers of the server's notifications.
function M.handlers()
  local function changed(_, params)
    local buffer = vim.uri_to_bufnr(params.textDocument.uri)
    vim.schedule(function()
      M.refresh(buffer)
    end)
  end
  return { ['leanwright/holesChanged'] = changed, ['leanwright/offersChanged'] = changed }
end

return M
