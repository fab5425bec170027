/**
 * The run so far: what the charts over time show, and states to scrub back to. Never longer than its capacity, from
 * first to last step.
 */
const CAPACITY = 480;

/** C: the names of the numbers kept at every moment. */
export class History<C extends string, T> {
  readonly step = new Float64Array(CAPACITY);
  readonly values: Record<C, Float64Array>;
  #states: T[] = [];
  #lists: Float64Array[];
  #capacity = CAPACITY;
  length = 0;
  /** so many steps lie between two moments, at least */
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

  /**
   * Is a moment to be kept here, on the way from the last one? Steps alone decide, so that a run has the same history
   * on every machine: every step is kept up to 100, every tenth up to 1,000, from there on every 50th, and later fewer.
   */
  due(step: number): boolean {
    if (!this.length) return true;
    const last = this.step[this.length - 1]!, spacing = step <= 100 ? 1 : step <= 1000 ? 10 : 50;
    return step >= last + this.every && Math.floor(step / spacing) > Math.floor(last / spacing);
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

  /** Moments go until at most half of them are left, as far apart as they can be. */
  #thin(): void {
    while (this.length > this.#capacity / 2) {
      this.every *= 2;
      let kept = 0;
      for (let i = 0; i < this.length; i++) {
        if (kept && this.step[i]! < this.step[kept - 1]! + this.every) continue;
        this.step[kept] = this.step[i]!;
        for (const list of this.#lists) list[kept] = list[i]!;
        this.#states[kept++] = this.#states[i]!;
      }
      this.length = kept;
    }
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
