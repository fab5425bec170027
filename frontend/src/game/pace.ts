/**
 * How many steps a frame may take: as many as the reader's speed asks for, in the time that drawing and the page leave.
 */
export class Pace {
  private credit = 0;
  private budget: number;

  /** `most`: milliseconds of a frame that go to training, at most. */
  constructor(private most: number) {
    this.budget = most;
  }

  /** Owed steps are forgotten. */
  reset(): void {
    this.credit = 0;
  }

  /** Until when the frame that begins now may train. `hurry`: for readers of few frames, and far to go. */
  until(ms: number, hurry = false): number {
    // late frames (a slow machine, a busy page) leave less time to training, punctual ones give it back
    this.budget = ms > 18 ? Math.max(2, this.budget * 0.92) : Math.min(this.most, this.budget + 0.03);
    return performance.now() + (hurry ? 30 * this.most : this.budget);
  }

  /**
   * The steps that are due at `speed` steps a second, as long as there is time; those that there is no time for are
   * dropped.
   */
  spend(ms: number, speed: number, until: number, step: () => void): void {
    this.credit = Math.min(this.credit + (ms * speed) / 1000, 1e6);
    while (this.credit >= 1 && performance.now() < until) {
      step();
      this.credit--;
    }
    this.credit %= 1;
  }

  /** How many steps to ask a kernel for, null for none yet; 0: as many as are quick. */
  due(ms: number, speed: number, waiting: boolean): number | null {
    this.credit = Math.min(this.credit + (ms * speed) / 1000, speed);
    if (waiting || this.credit < 1) return null;
    const steps = speed > 1e6 ? 0 : Math.floor(this.credit);
    this.credit = 0;
    return steps;
  }
}
