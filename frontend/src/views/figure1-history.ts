/** The run so far: what the time chart shows, and states to scrub back to. Never longer than CAPACITY, from first to last step. */
export const CAPACITY = 480;

export interface Moment {
  step: number;
  V: number;
  bestV: number;
  C: number;
}

export class History<T> {
  readonly step = new Float64Array(CAPACITY);
  readonly V = new Float64Array(CAPACITY);
  readonly bestV = new Float64Array(CAPACITY);
  readonly C = new Float64Array(CAPACITY);
  private states: T[] = [];
  length = 0;
  /** a moment is kept when this many steps have passed */
  every = 1;

  clear(): void {
    this.length = 0;
    this.states.length = 0;
    this.every = 1;
  }

  /** Is the run far enough from the last moment for a new one? */
  due(step: number): boolean {
    return !this.length || step >= this.step[this.length - 1]! + this.every;
  }

  /** Forgets all that came after `step`: the run goes on from there. */
  cut(step: number): void {
    while (this.length && this.step[this.length - 1]! > step) this.length--;
    this.states.length = this.length;
  }

  /** Keeps a moment. One at the step of the last takes its place. */
  add(moment: Moment, state: T): void {
    if (this.length && this.step[this.length - 1] === moment.step) this.length--;
    if (this.length === CAPACITY) this.thin();
    const i = this.length++;
    this.step[i] = moment.step;
    this.V[i] = moment.V;
    this.bestV[i] = moment.bestV;
    this.C[i] = moment.C;
    this.states[i] = state;
    this.states.length = this.length;
  }

  /** Every second moment goes, from then on twice as many steps lie between two. */
  private thin(): void {
    for (let i = 0; i < CAPACITY / 2; i++) {
      for (const list of [this.step, this.V, this.bestV, this.C]) list[i] = list[2 * i]!;
      this.states[i] = this.states[2 * i]!;
    }
    this.length = CAPACITY / 2;
    this.every *= 2;
  }

  state(i: number): T {
    return this.states[i]!;
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
