// What the unit tests have in place of `vscode`: classes that do nothing. What is shown is tested in a real VS Code.
class Nothing {}
const known = { workspace: { asRelativePath: (uri) => uri.path } };
module.exports = new Proxy(known, { get: (table, name) => table[name] ?? Nothing });
