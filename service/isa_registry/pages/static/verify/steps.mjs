// What was done, step by step, so that somebody can follow with another tool. Nothing here decides anything.

/** Hears of each step as it is done: `{ says, values, state }`, the state `held` or `unchecked`. */
export class Steps {
  constructor(hear = () => {}) {
    this.hear = hear;
  }

  held(says, values = {}) {
    this.hear({ says, values, state: "held" });
  }

  unchecked(says, values = {}) {
    this.hear({ says, values, state: "unchecked" });
  }
}

/** POSIX seconds as a time, or as they are where the calendar does not reach. */
export function timeOf(seconds) {
  const time = new Date(Number(seconds) * 1000);
  return Number.isNaN(time.valueOf()) ? `${seconds} seconds after 1970` : time.toISOString().replace(".000Z", "Z");
}
