/**
 * The run so far: what the charts over time show, and states to scrub back to. Never longer than its capacity, from
 * first to last step.
 */
export const CAPACITY = 480;

/** C: the names of the numbers kept at every moment; NaN where one was not measured. */
export class History<C extends string, T> {
  readonly step = new Float64Array(CAPACITY);
  readonly values: Record<C, Float64Array>;
  #states: T[] = [];
  #lists: Float64Array[];
  #capacity = CAPACITY;
  length = 0;
  /** a moment is kept when this many steps have passed */
  every = 1;

  constructor(columns: readonly C[]) {
    this.values = Object.fromEntries(columns.map((name) => [name, new Float64Array(CAPACITY)])) as Record<C,
      Float64Array>;
    this.#lists = Object.values(this.values);
  }

  /** `bytes`: of one state; large ones are kept less often. */
  clear(bytes = 0): void {
    this.length = 0;
    this.#states.length = 0;
    this.every = 1;
    this.#capacity = Math.min(CAPACITY, 2 * Math.ceil(3e7 / (bytes + 1)));
  }

  /** Is the run far enough from the last moment for a new one? */
  due(step: number): boolean {
    return !this.length || step >= this.step[this.length - 1]! + this.every;
  }

  /** Forgets all that came after `step`: the run goes on from there. */
  cut(step: number): void {
    while (this.length && this.step[this.length - 1]! > step) this.length--;
    this.#states.length = this.length;
  }

  /** Keeps a moment. One at the step of the last takes its place. */
  add(step: number, moment: Record<C, number>, state: T): void {
    if (this.length && this.step[this.length - 1] === step) this.length--;
    if (this.length >= this.#capacity) this.#thin();
    const i = this.length++;
    this.step[i] = step;
    for (const name in this.values) this.values[name][i] = moment[name];
    this.#states[i] = state;
    this.#states.length = this.length;
  }

  /** Every second moment goes, from then on twice as many steps lie between two; what only it measured stays. */
  #thin(): void {
    this.length >>= 1;
    for (let i = 0; i < this.length; i++) {
      this.step[i] = this.step[2 * i]!;
      for (const list of this.#lists) list[i] = Number.isNaN(list[2 * i]!) ? list[2 * i + 1]! : list[2 * i]!;
      this.#states[i] = this.#states[2 * i]!;
    }
    this.every *= 2;
  }

  state(i: number): T {
    return this.#states[i]!;
  }

  /** The moment nearest to `step`. */
  nearest(step: number): number {
    let low = 0, high = this.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.step[middle]! < step) low = middle + 1;
      else high = middle;
    }
    return low && step - this.step[low - 1]! < this.step[low]! - step ? low - 1 : low;
  }
}
