// Lets the event loop run between calls of the core, so that signals, timers and messages are seen.

// about 15 ms of one core: seldom enough to cost nothing, often enough to keep a page smooth
const OPERATIONS_BETWEEN_PAUSES = 1e9;

// what an update costs besides its operations, some 30 microseconds, in operations: the smallest networks consist of it
const OPERATIONS_OF_A_CALL = 2e6;

/** Gives way to the event loop after a certain amount of work: counted, not timed, since a clock is no part of a result. */
export class Pace {
  private readonly signal: AbortSignal | undefined;
  private operations = 0;

  constructor(signal?: AbortSignal) {
    this.signal = signal;
  }

  /**
   * To be called behind `operations` floating-point operations.
   *
   * @throws the signal's reason if it has been aborted.
   */
  async after(operations: number): Promise<void> {
    this.signal?.throwIfAborted();
    this.operations += operations + OPERATIONS_OF_A_CALL;
    if (this.operations < OPERATIONS_BETWEEN_PAUSES) return;
    this.operations = 0;
    await nextTask();
    this.signal?.throwIfAborted();
  }
}

// a message to oneself: unlike a timer it is not delayed by browsers
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
