// The editor protocol of `leanwright serve`, made from the server's own types by `cargo xtask schema`.
// Positions are LSP's: lines and UTF-16 columns from 0.

/** The version of the protocol that these types are of. */
export const PROTOCOL = 1;

/** Which kind of yes an accepting verdict is. */
export type Acceptance = "verified" | "open_lemmas" | "warned";

/** One answer of the runner and what the judge said. */
export interface AttemptView {
  /** Which kind of yes `verdict` is; absent where it is none. */
  acceptance?: Acceptance | null;
  /** The text that was put in place of the hole. */
  replacement: string;
  /** What the judge found, guard by guard. */
  verdict: Verdict;
}

/** Parameters of `leanwright/cancel`. */
export interface CancelParams {
  /** A place in the hole; without it, work on all holes of the document is stopped. */
  position?: Position | null;
  /** The document whose work is stopped. */
  textDocument: DocumentUri;
}

/** Result of `leanwright/certificate`. */
export interface CertificateResult {
  /** Which kind of yes it is. */
  acceptance?: Acceptance | null;
  /** Identity of the hole, as in `leanwright/holes`. */
  hole: string;
  /** Range of the text that is replaced. */
  range: Range;
  /** Text that replaces it. */
  replacement: string;
  /** What the judge found, guard by guard. */
  verdict: Verdict;
  /** The version of the document that the replacement is verified for. */
  version: number;
}

/** Lean says one thing about a stretch of the text, and the text another. */
export interface Contradiction {
  /** What Lean says of it and what the text shows, for a person. */
  message: string;
  /** The stretch of the text. */
  range: Range;
}

/** Parameters of `leanwright/holes`, and of the two notifications. */
export interface DocumentParams {
  /** The document that is asked about. */
  textDocument: DocumentUri;
}

/** A document by its URI, which is an opaque string. */
export interface DocumentUri {
  /** As the editor wrote it. */
  uri: string;
}

/** One goal in parts. */
export interface GoalParts {
  /** The name of the case. */
  case?: string;
  /** Hypotheses in Lean's order. */
  hypotheses: HypothesisView[];
  /** Compared with the other side of the tactic. */
  mark?: Mark;
  /** What is to be proved, as Lean prints it. */
  target: string;
}

/** What is known of a goal. `null` from Lean, no goals, and goals are three different things; not known is a fourth. */
export type GoalView = {
  /** As Lean prints them. */
  goals: string[];
  state: "tactic";
} | {
  /** As Lean prints it. */
  goal: string;
  state: "term";
} | {
  state: "solved";
} | {
  state: "nothing";
} | {
  state: "pending";
  /** What it waits for. */
  why: string;
} | {
  state: "unknown";
  /** Why the goal is not known, for a person. */
  why: string;
};

/** Result of `leanwright/goals`. */
export interface GoalsResult {
  /** The goals of the tactic block; absent where there is none. An empty list means that nothing is left to prove. */
  goals?: GoalParts[];
  /** The expected type of the term there. */
  termGoal?: GoalParts | null;
  /** The version of the document that this is about. */
  version: number;
}

/** What one guard found. */
export type GuardOutcome = {
  /** What the guard looked at, for a person. */
  evidence?: string;
  status: "passed";
} | {
  /** What the guard warns of, for a person. */
  note: string;
  status: "warned";
} | {
  /** Why the guard was not asked, for a person. */
  note: string;
  status: "skipped";
} | {
  /** Why, for a person. */
  reason: string;
  status: "rejected";
};

/** What each guard found. The first four are lean-agent's. */
export interface Guards {
  /** The proof rests on the standard axioms only. */
  axioms: GuardOutcome;
  /** What extensions keep of the file is what it was: instances, simp sets, parsers, macros, attributes, namespaces. */
  extensions?: GuardOutcome;
  /** An independent kernel agrees: `leanchecker`, where there is one. */
  external_kernel?: GuardOutcome;
  /** The edit is one term or one tactic block at the hole, by tokens, brackets and layout. */
  gate?: GuardOutcome;
  /** Every other declaration of the file is what it was. */
  invariance?: GuardOutcome;
  /** Leanwright's own kernel has type-checked everything that the candidate added or changed. */
  kernel?: GuardOutcome;
  /** The judge can say no: the same text does not prove `False`. */
  negative_control: GuardOutcome;
  /** No hole is left where the replacement stands. */
  placeholder?: GuardOutcome;
  /** Modules that import this one still build. */
  reverse_dep: GuardOutcome;
  /** The statement is the one that was there: name, kind, universe parameters, type, as kernel terms. */
  statement: GuardOutcome;
  /** The text by itself: characters, balance of brackets and comments, placeholders. */
  text?: GuardOutcome;
}

/** What kind of hole a candidate fills. */
export type HoleClass = "proof" | "proof_field" | "termination" | "statement" | "data" | "unknown";

/** One hole, as it is in the document's present version. */
export interface HoleView {
  /** The declaration's name with namespaces. */
  declaration?: string;
  /** Keyword of the declaration, as `theorem`. */
  declarationKind?: string;
  /** What is to be proved. */
  goal: GoalView;
  /** Stays the same while the hole is only moved by edits elsewhere. */
  id: string;
  /** `sorry`, `admit`, or `error` for the body of a declaration in which Lean reports an error. */
  kind: string;
  /** Range of the word `sorry` or `admit`, or of the body with the error. */
  range: Range;
  /** Whether Lean sees a hole there, too. */
  seenByLean: SeenByLean;
  /** A mark in the text, `-- leanwright: skip`, says that it is worked on only when it is asked for by itself. */
  skipped?: boolean;
  /** What is being done about it. */
  work: WorkView;
}

/** Result of `leanwright/holes`. */
export interface HolesResult {
  /** Where Lean sees a `sorry` and the text shows none. */
  contradictions?: Contradiction[];
  /** Lean has elaborated this version to its end. */
  elaborated: boolean;
  /** Errors that Lean has reported for this version so far; absent as long as it has reported nothing. */
  errors?: number;
  /** In the order of the text. */
  holes: HoleView[];
  /** The version of the document that this is about. */
  version: number;
}

/** Hypotheses that share a type, as Lean groups them. */
export interface HypothesisView {
  /** Compared with the other side of the tactic; what Lean says itself, where nothing is compared. */
  mark?: Mark;
  /** With `✝` where the name cannot be written in a proof. */
  names: string[];
  /** As Lean prints it. */
  type: string;
  /** Value of a hypothesis that a `let` has made. */
  value?: string;
}

/** What became of something between the state before a tactic and the state after it. */
export type Mark = "same" | "new" | "gone" | "changed";

/** A place in a document. */
export interface Position {
  /** UTF-16 code units from 0. */
  character: number;
  /** Line, counted from 0. */
  line: number;
}

/** Parameters of `leanwright/proveAll`. */
export interface ProveAllParams {
  /** Only holes that begin in these lines. */
  range?: Range | null;
  /** The document whose holes are to be proved. */
  textDocument: DocumentUri;
}

/** Result of `leanwright/proveAll`. */
export interface ProveAllResult {
  /** One for each hole that was worked on, in the order in which the work ended. */
  results: ProveResult[];
}

/** Parameters of `leanwright/prove`, `leanwright/goals`, `leanwright/context`, `leanwright/certificate` and `leanwright/walk`. */
export interface ProveParams {
  /** A place in the hole, or on its line. */
  position: Position;
  /** The document that the hole is in. */
  textDocument: DocumentUri;
}

/** Result of `leanwright/prove`, once it is over. */
export interface ProveResult {
  /** Which kind of yes the replacement is. */
  acceptance?: Acceptance | null;
  /** Everything that was judged, in order. */
  attempts: AttemptView[];
  /** Identity of the hole, as in `leanwright/holes`. */
  hole: string;
  /** Why there is none. */
  reason?: string;
  /** The verified replacement, which is now on offer as a code action. */
  replacement?: string;
}

/** A stretch of a document; the end is exclusive. */
export interface Range {
  /** Position after the last character. */
  end: Position;
  /** Position of the first character. */
  start: Position;
}

/** Why an attempt that compiles was refused. The first six are lean-agent's. */
export type RejectReason = {
  /** Statement with the candidate. */
  after: string;
  /** Statement without the candidate. */
  before: string;
  /** Name of the declaration. */
  declaration: string;
  guard: "statement_changed";
} | {
  /** Why it cannot be compared, for a person. */
  detail: string;
  guard: "statement_unverifiable";
} | {
  /** All axioms that it rests on. */
  axioms: string[];
  /** The declaration that was asked about. */
  declaration: string;
  guard: "disallowed_axiom";
  /** The axioms that are not allowed. */
  offending: string[];
} | {
  /** The declaration that was asked about. */
  declaration: string;
  /** Why the axioms are not known, for a person. */
  detail: string;
  guard: "axiom_check_failed";
} | {
  /** Lean's first error in it. */
  detail: string;
  guard: "reverse_dep_failed";
  /** Name of the module that imports the file. */
  module: string;
} | {
  /** What of it would change. */
  declaration: string;
  /** How. */
  detail: string;
  guard: "reverse_dep_changed";
  /** Name of the module that imports the file. */
  module: string;
} | {
  /** What the edit does, for a person. */
  detail: string;
  guard: "gate";
} | {
  /** Name of the declaration. */
  declaration: string;
  guard: "rests_on_open_lemmas";
  /** Names of the lemmas that are open. */
  lemmas: string[];
} | {
  /** Name of the kernel: its program, or Leanwright's own. */
  checker: string;
  /** Its message. */
  detail: string;
  guard: "kernel_refused";
} | {
  /** Why, for a person. */
  detail: string;
  guard: "text";
} | {
  /** Name of the declaration. */
  declaration: string;
  /** Where the placeholder is, for a person. */
  detail: string;
  guard: "placeholder_left";
} | {
  /** Name of the other declaration. */
  declaration: string;
  /** What would change, for a person. */
  detail: string;
  guard: "module_changed";
};

/** What kept a candidate in while it ran. */
export type SandboxTier = "copy_only" | "bubblewrap" | "landlock";

/** Whether Lean sees a hole where the text shows one. */
export type SeenByLean = {
  state: "yes";
} | {
  state: "no";
  /** What Lean sees there, for a person. */
  why: string;
} | {
  state: "unknown";
  /** Why it is not known, for a person. */
  why: string;
};

/** Result of `leanwright/status`. */
export interface StatusResult {
  /** Answers that the runner has given since this server was started. */
  answers?: number;
  /** The sum of the `metadata.cost` of these answers, in whatever unit the runner counts; absent where none names one. */
  cost?: number;
  /** Number of open Lean documents. */
  documents: number;
  /** Number of holes in them. */
  holes: number;
  /** Parts that were switched off, with the reason. */
  off: string[];
  /** Verified replacements on offer. */
  offers: number;
  /** Version of this protocol. */
  protocol?: number;
  /** Program and arguments of the runner; empty if there is none. */
  runner: string[];
  /** Holes that are worked on. */
  running: number;
  /** The Lean that is served. */
  toolchain: string;
  /** Version of this program. */
  version: string;
}

/** What was found about one candidate. Three-valued: not known is neither yes nor no. */
export type Verdict = ({
  verdict: "accepted";
} | {
  /** Which guard refused, and why. */
  reject_reason: RejectReason;
  verdict: "rejected";
} | {
  /** Lean's first error in the patched file. */
  error: string;
  verdict: "failed";
} | {
  verdict: "unknown";
  /** Why nothing can be said, for a person. */
  why: string;
}) & {
  /** The axioms that the declaration now rests on. */
  axioms: string[];
  /** Time of the patched compile. */
  compile_ms: number;
  /** The declaration that the candidate is a part of. */
  declaration?: string;
  /** The state of the project that it is about: the judge counts the states that it has seen, from 1. Absent where nothing was compiled. */
  generation?: number;
  /** What each guard found. */
  guards: Guards;
  /** What kind of hole it was. */
  hole_class: HoleClass;
  /** Holes that the declaration itself still has. */
  holes_left: number;
  /** BLAKE3 of all modules that the file imports, directly or not. */
  imports_digest?: string;
  /** Things that a reader should know though they refuse nothing. */
  notes: string[];
  /** BLAKE3 of the patched file. */
  patched_digest: string;
  /** Digest of all constants of the compiled module, before and after. Not of its bytes: Lean orders them by chance. */
  product_digest?: [string, string];
  /** Declarations with open holes that the proof rests on. */
  rests_on: string[];
  /** What kept the candidate in while it ran. */
  sandbox: SandboxTier;
  /** BLAKE3 of the file that was patched. */
  source_digest: string;
  /** Digest of the statement's kernel term, before and after. */
  statement_digest?: [string, string];
  /** The Lean that judged. */
  toolchain: string;
};

/** Result of `leanwright/walk`. */
export interface Walk {
  /** The declaration's name with namespaces, else its keyword. */
  declaration: string;
  /** The file, relative to the project's root. */
  file: string;
  /** Where it is in the document. */
  range: Range;
  /** Text of the declaration. */
  source: string;
  /** In the order of the text; a tactic that holds others comes before them. */
  steps: WalkStep[];
  /** The version of the document that this is about. */
  version: number;
}

/** One tactic of a proof, with the goals around it. */
export interface WalkStep {
  /** The goals after it; empty when nothing is left in its block. */
  after: GoalParts[];
  /** The goals before it. */
  before: GoalParts[];
  /** How many blocks it is nested in. */
  depth: number;
  /** Where it is in the document. */
  range: Range;
  /** Byte offsets of its first character and of its end in `Walk::source`. */
  span: [number, number];
  /** Its text. */
  text: string;
}

/** What is being done about a hole. */
export type WorkView = {
  state: "idle";
} | {
  state: "running";
  /** What it waits for, for a person. */
  step: string;
} | {
  /** Which kind of yes it is. */
  acceptance?: Acceptance | null;
  /** Text that would replace the hole. */
  replacement: string;
  state: "offered";
} | {
  /** Reason of the last attempt's failure, for a person. */
  reason: string;
  state: "refused";
};
