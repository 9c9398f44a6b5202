// The three ends of a check: it held, it did not (and what failed), or it could not be made. The codes are those of
// isa-verify (docs/formats/rejections.md); a sentence never repeats what it was given.

/** The evidence does not hold, or is not in the shape that its format prescribes. */
export class NotVerified extends Error {
  constructor(code, detail) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
  }
}

/** The check could not be made, so there is no verdict. */
export class CouldNotRun extends Error {
  constructor(code, detail) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.detail = detail;
  }
}

/** What `work` gives; evidence that it refuses is refused under this code, with the same sentence. */
export function under(code, work) {
  try {
    return work();
  } catch (error) {
    throw error instanceof NotVerified ? new NotVerified(code, error.detail) : error;
  }
}

/** What `work` gives; what it refuses are keys or a policy that cannot be used, so that nothing was checked. */
export async function usable(work) {
  try {
    return await work();
  } catch (error) {
    throw error instanceof NotVerified ? new CouldNotRun(error.code, error.detail) : error;
  }
}
