/** How much sound to gather before playing on: little at first, more after each underrun. */

const FIRST_S = 0.06;
const MOST_S = 0.6;

export class Cushion {
  seconds = FIRST_S;

  grow() {
    this.seconds = Math.min(MOST_S, this.seconds * 2);
  }
}
