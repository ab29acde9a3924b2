// The tree of holes: by file, by state or by goal.

import { type Disposable, EventEmitter, type ExtensionContext, MarkdownString, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, type TreeDataProvider, commands, window, workspace } from "vscode";
import type { Hole, Holes } from "./holes";
import { STANDINGS, goalText, holeName, standing, target, workText } from "./wording";

export type Grouping = "file" | "state" | "goal";
const GROUPING = "leanwright.grouping";

class Group extends TreeItem {
  constructor(label: string, readonly holes: Hole[]) {
    super(label, TreeItemCollapsibleState.Expanded);
    this.description = String(holes.length);
  }
}

class HoleItem extends TreeItem {
  constructor(readonly hole: Hole, grouping: Grouping) {
    super(holeName(hole.view), TreeItemCollapsibleState.None);
    const { view, document, range } = hole;
    const state = standing(view);
    const { icon, color, title } = STANDINGS[state];
    const line = `${workspace.asRelativePath(document.uri)}:${range.start.line + 1}`;
    this.description = grouping === "file" ? target(view.goal) : line;
    this.iconPath = new ThemeIcon(icon, new ThemeColor(color));
    this.contextValue = `hole:${state === "reserved" ? "offered" : state}`;
    this.tooltip = tooltip(hole);
    this.accessibilityInformation = { label: `${holeName(view)}, ${title}, ${line}, ${target(view.goal)}` };
    this.command = { command: "vscode.open", title: "Go There", arguments: [document.uri, { selection: range }] };
  }
}

/** What there is to say about a hole: the goal and how the work on it stands. */
export function tooltip({ view }: Hole): MarkdownString {
  const text = new MarkdownString();
  text.appendText(`${holeName(view)}: ${workText(view)}`);
  text.appendCodeblock(goalText(view.goal), "lean4");
  return text;
}

/** The holes in groups, in the order of first appearance. */
export function grouped(holes: Hole[], grouping: Grouping): [string, Hole[]][] {
  const groups = new Map<string, Hole[]>();
  for (const hole of holes) {
    const label =
      grouping === "file" ? workspace.asRelativePath(hole.document.uri)
      : grouping === "state" ? STANDINGS[standing(hole.view)].title
      : target(hole.view.goal);
    groups.set(label, [...(groups.get(label) ?? []), hole]);
  }
  return [...groups];
}

export class HolesView implements TreeDataProvider<Group | HoleItem>, Disposable {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view = window.createTreeView<Group | HoleItem>("leanwright.holes", { treeDataProvider: this, showCollapseAll: true });
  private readonly subscriptions: Disposable[];

  constructor(private readonly context: ExtensionContext, private readonly holes: Holes) {
    const group = (grouping: Grouping) => async () => {
      await context.workspaceState.update(GROUPING, grouping);
      this.changed.fire();
    };
    this.subscriptions = [
      this.view,
      this.changed,
      holes.changed(() => this.refresh()),
      commands.registerCommand("leanwright.groupByFile", group("file")),
      commands.registerCommand("leanwright.groupByState", group("state")),
      commands.registerCommand("leanwright.groupByGoal", group("goal")),
    ];
  }

  getTreeItem(element: Group | HoleItem): TreeItem {
    return element;
  }

  getChildren(element?: Group | HoleItem): (Group | HoleItem)[] {
    const grouping = this.context.workspaceState.get<Grouping>(GROUPING, "file");
    if (element instanceof Group) return element.holes.map((hole) => new HoleItem(hole, grouping));
    return element ? [] : grouped(this.holes.list(), grouping).map(([label, holes]) => new Group(label, holes));
  }

  dispose(): void {
    this.subscriptions.forEach((one) => one.dispose());
  }

  private refresh(): void {
    const count = this.holes.list().length;
    this.view.badge = count > 0 ? { value: count, tooltip: `${count} open` } : undefined;
    this.changed.fire();
  }
}
