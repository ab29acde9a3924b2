---@meta
-- What the server answers, as far as the plugin looks at it. The whole is in crates/server/protocol.md.

---@class leanwright.Position 0-based line and UTF-16 column
---@field line integer
---@field character integer

---@class leanwright.Range
---@field start leanwright.Position
---@field end leanwright.Position

---@class leanwright.GoalView
---@field state 'tactic'|'term'|'solved'|'nothing'|'pending'|'unknown'
---@field goals? string[]
---@field goal? string
---@field why? string

---@class leanwright.Hole
---@field id string
---@field range leanwright.Range
---@field kind 'sorry'|'admit'|'error'
---@field skipped? boolean
---@field declaration? string
---@field goal leanwright.GoalView
---@field work { state: 'idle'|'running'|'offered'|'refused', step?: string, replacement?: string, acceptance?: string, reason?: string }

---@class leanwright.Goal
---@field case? string
---@field hypotheses { names: string[], type: string, value?: string, mark?: 'new'|'gone'|'changed' }[]
---@field target string
---@field mark? 'new'|'gone'|'changed'

---@class leanwright.Step
---@field text string
---@field range leanwright.Range
---@field before leanwright.Goal[]
---@field after leanwright.Goal[]

---@class leanwright.Walk
---@field declaration string
---@field steps leanwright.Step[]
