/** The laboratory's state as code that repeats its walks with gan_lab. */
import type { Lab } from "./saddle-presets";

const list = (v: number[]) => `[[${v[0]}, ${v[1]}], [${v[2]}, ${v[3]}]]`;

function gameOf(s: Lab): string {
  if (s.game === "quadratic") return `game.Quadratic(${s.quadratic.join(", ")})`;
  if (s.game === "matrix") return `game.Mixed(game.MatrixGame(${list(s.A)}, ${list(s.B)}))`;
  const penalties = ["r1", "r2", "wgan_gp", "clip",
    "noise"].map((name, i) => (s.penalties[i] ? `, ${name}=${s.penalties[i]}` : "")).join("");
  return `game.DiracGAN("${s.loss}"${penalties})`;
}

export function asPython(s: Lab): string {
  const turns = s.turns ? ", in_turns=True" : "", eta = `(${s.eta}, ${s.eta * s.ratio})`,
    start = `(${s.start.join(", ")})`;
  const steps: Record<string, string> = {
    S: '"simultaneous"', A: '"alternating"', E: '"extragradient"', O: '"optimistic"', P: '"proximal"',
    K: "game.runge_kutta",
    M: `game.Momentum(${s.beta}${turns})`, R: `game.RMSProp(${s.alpha}${turns})`,
    D: `game.Adam((${s.betas.join(", ")})${turns})`,
    L: "game.runge_kutta",
  };
  const lines = ["from gan_lab import game", "", `played = ${gameOf(s)}`];
  for (const letter of s.methods) {
    if (letter === "F" || letter === "L" ? s.game !== "matrix" : !steps[letter]) continue;
    const [p, q] = s.start, on = letter === "L" ? "game.Mixed(played.game, replicator=True)" : "played";
    lines.push(...(letter === "F" ? [
      `run = game.fictitious_play(played.game, ${Math.max(1, s.steps)}, [${p}, 1 - ${p}], [${q}, 1 - ${q}])`,
      'print("F", run.x[-1][0], run.y[-1][0])',
    ] : [
      `run = game.trajectory(${on}, ${steps[letter]}, ${start}, ${eta}, ${s.steps})`,
      `print("${letter}", *run.points[-1])`,
    ]));
  }
  return lines.join("\n") + "\n";
}
