/** Preloaded by a server whose clock a test has stepped: every clock of the process is ahead by so many ms. */
const ahead = Number(process.env.WEIR_TEST_CLOCK_AHEAD_MS ?? 0);
const Real = Date;

class SteppedDate extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + ahead);
    else super(...given);
  }

  static now() {
    return Real.now() + ahead;
  }
}

globalThis.Date = SteppedDate;
