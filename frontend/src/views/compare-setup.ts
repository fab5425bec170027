/** Which runs are compared: the state as an address says it, the game that all share, and what each changes of it. */
import { apply, difference, merge, type Spec, type Tree } from "../plane/index";
import { clamp, keep, named, t, type State, type ViewHost } from "../ui/index";
import { axes, BASE, EXAMPLES, gameOf, type Axis, type Choice, type Example } from "./compare-games";

/** Runs side by side, at most. */
export const MOST = 6;
const LAST_STEP = 20_000;

const START = { mode: "side", preset: "", axis: "loss", runs: "", n: 12, at: 0, steps: 2000, look: "D", picked: 0 };

export class Setup {
  readonly axes: Record<string, Axis> = axes();
  readonly s: typeof START;
  /** the game that all share */
  spec: Spec;
  readonly #kept;

  constructor(readonly host: ViewHost) {
    const { options } = host, given = EXAMPLES[options.preset ?? (options.spec || options.axis ? "" : "losses")];
    const example = given && { axis: given.axis, runs: given.runs, steps: gameOf(given.game)[1] };
    this.#kept = keep(host, START, { ...example, ...options, preset: given ? options.preset ?? "losses" : "" });
    this.s = this.#kept.now;
    this.spec = apply(this.#first(), host.saved ?? {});
  }

  /** What the example, or the page, begins with. */
  #first(): Spec {
    const example = this.example;
    return merge(merge(BASE, example && gameOf(example.game)[0]), this.host.options.spec);
  }
  get example(): Example | undefined {
    return Object.hasOwn(EXAMPLES, this.s.preset) ? EXAMPLES[this.s.preset] : undefined;
  }
  setExample(name: string): void {
    this.s.preset = name;
    const found = this.example;
    if (!found) return;
    Object.assign(this.s, { axis: found.axis, runs: found.runs, steps: gameOf(found.game)[1] });
    this.spec = this.#first();
  }
  change(part: Tree): void {
    this.spec = merge(this.spec, part);
  }

  get seeds(): boolean {
    return this.s.mode === "seeds";
  }
  get axis(): Axis {
    return this.axes[this.s.axis]!;
  }
  /** Which of the axis's choices are played. */
  get chosen(): Choice[] {
    const { choices } = this.axis, find = (key: string) => choices.find((one) => one.key === key);
    const wanted = this.s.runs.split(",").flatMap((key) => find(key) ?? []).slice(0, MOST);
    return wanted.length > 1 ? wanted : [...new Set([...wanted, ...choices])].slice(0, 2);
  }
  /** Whatever an address may say, as something that can be played; the step to go to. */
  tidy(at: number): number {
    const { s } = this;
    s.axis = named(this.axes, s.axis, "loss");
    s.mode = named({ side: 1, seeds: 1 }, s.mode, "side");
    s.look = named({ D: 1, minus: 1, move: 1 }, s.look, "D");
    s.n = clamp(Math.round(s.n), 2, 24);
    s.steps = clamp(Math.round(s.steps), 10, LAST_STEP);
    s.picked = clamp(Math.round(s.picked), 0, s.n - 1);
    return clamp(Math.round(at), 0, LAST_STEP);
  }
  /** The games that are played. */
  get specs(): Spec[] {
    const { spec, s } = this, of = (choice: Choice): Spec => merge(spec, choice.change(spec));
    if (!this.seeds) return this.chosen.map(of);
    return Array.from({ length: s.n }, (_, i) => ({ ...of(this.chosen[0]!), seed: spec.seed + i }));
  }
  /** What a run is called. */
  name(i: number): string {
    return this.seeds ? t("seed {0}", this.spec.seed + i) : this.chosen[i]!.label;
  }

  state(): State {
    return { ...this.#kept.state(), ...difference(this.spec, this.#first()) };
  }
  restore(saved: State): void {
    this.#kept.restore(saved);
    this.spec = apply(this.#first(), saved);
  }
}
