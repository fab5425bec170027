/**
 * What the reader has answered and predicted, kept in this browser and nowhere else; where the browser keeps nothing
 * (blocked, private, full), for as long as the page is open. Several tabs of the book keep one record: each change is
 * written into what lies there by then, and the other tabs take it over.
 */
const KEY = "gan-lab-answers";
type Kept = Record<string, any>;

/** What could not be kept; the two scripts that answer share it. */
const page = ((globalThis as any).ganLabAnswers ??= { unkept: {} }) as { unkept: Kept };

/** Of what stands in the browser's store; nothing where it is blocked, or not ours. */
function parsed(text: () => string | null): Kept {
  try {
    const found = JSON.parse(text()!);
    return found && typeof found === "object" ? found : {};
  } catch {
    return {};
  }
}

const all = (): Kept => ({ ...parsed(() => localStorage.getItem(KEY)), ...page.unkept });

function store(kept: Kept): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
    page.unkept = {};
  } catch {
    page.unkept = kept;
  }
}

export const recall = (name: string): any => all()[name];

export const remember = (name: string, what: unknown): void => store({ ...all(), [name]: what });

/** All of them, or those of these names. */
export function forget(names: string[] = Object.keys(all())): void {
  store(Object.fromEntries(Object.entries(all()).filter(([name]) => !names.includes(name))));
}

/** `take` gets what another tab has kept under `name`, each time; undefined when it was forgotten there. */
export function follow(name: string, take: (what: any) => void): void {
  addEventListener("storage", ({ key, oldValue, newValue }) => {
    const before = parsed(() => oldValue)[name], now = parsed(() => newValue)[name];
    if ((key === KEY || key === null) && JSON.stringify(before) !== JSON.stringify(now)) take(now);
  });
}
