// One network on several workers: the shards of each batch are shared out, and their gradients are added as one worker
// alone would add them.
//
// The leader has the network and its optimiser. For each batch it sends its parameters to the helpers; every one draws
// the batch by itself, computes the shards that are its own, as aligned subtrees of the binary tree over all eight, and
// sends their sums back. Buffers go to and fro, and are not copied on the way.

import { Core } from "../core/core.ts";
import { type DigitSets, PlacedDigits } from "../core/digits.ts";
import { StateError } from "../core/errors.ts";
import type { NetworkShape } from "../core/network-shape.ts";
import { type BatchShape, Plan, SHARDS, type Shards } from "../core/plan.ts";
import {
  type BatchDraw,
  BatchDrawer,
  type Batches,
  type Executor,
  inThisThread,
} from "../training/batches.ts";

type Request =
  | {
      kind: "open";
      shape: NetworkShape;
      batchShape: BatchShape;
      training: boolean;
      share: Shards;
      digits: Partial<DigitSets> | undefined;
    }
  | {
      kind: "gradient";
      draw: BatchDraw;
      next: BatchDraw | undefined;
      parameters: ArrayBuffer;
      sums: ArrayBuffer;
    }
  | { kind: "count"; draw: BatchDraw; heads: readonly number[]; parameters: ArrayBuffer }
  | { kind: "close" };

type Reply =
  | { kind: "opened"; slotBytes: number }
  | { kind: "gradient"; parameters: ArrayBuffer; sums: ArrayBuffer }
  | { kind: "count"; correct: Int32Array | undefined; parameters: ArrayBuffer }
  | { kind: "failed"; message: string };

type RequestOf<K extends Request["kind"]> = Extract<Request, { kind: K }>;
type ReplyOf<K extends Reply["kind"]> = Extract<Reply, { kind: K }>;

/** The shards of worker `index` among `workers`. */
export function shareOf(index: number, workers: number): Shards {
  const start = (i: number) => Math.floor((i * SHARDS) / workers);
  return { low: start(index), high: start(index + 1) };
}

/** The fewest subtrees of the binary tree over all shards that make up a share, from left to right. */
export function subtreesOf({ low, high }: Shards): Shards[] {
  const subtrees: Shards[] = [];
  for (let start = low; start < high; ) {
    let size = 1;
    while (start % (2 * size) === 0 && start + 2 * size <= high) size *= 2;
    subtrees.push({ low: start, high: start + size });
    start += size;
  }
  return subtrees;
}

/**
 * Share batches with the helpers behind `ports`, each served by `serveShards`.
 *
 * @returns what computes them, and how to let the helpers go.
 */
export function leadShards(ports: readonly MessagePort[]): { executor: Executor; close(): void } {
  const helpers = ports.slice(0, SHARDS - 1).map((port) => new Helper(port));
  const executor: Executor = async (core, plan) => {
    if (helpers.length === 0) return inThisThread(core, plan);
    const workers = helpers.length + 1;
    await Promise.all(helpers.map((helper, i) => helper.open(plan, shareOf(i + 1, workers))));
    return new SharedBatches(core, plan, shareOf(0, workers), helpers);
  };
  const close = () => {
    for (const port of ports) send(port, { kind: "close" });
  };
  return { executor, close };
}

/** The leader's side of one helper. */
class Helper {
  share: Shards = { low: 0, high: 0 };
  private readonly port: MessagePort;
  private parameters = new ArrayBuffer(0);
  private sums = new ArrayBuffer(0);
  private slotBytes = 0;

  constructor(port: MessagePort) {
    this.port = port;
  }

  async open(plan: Plan, share: Shards): Promise<void> {
    const { shape, batchShape, parameters, trains: training } = plan;
    this.share = share;
    const digits = plan.digits?.sets;
    const request: Request = { kind: "open", shape, batchShape, training, share, digits };
    const { slotBytes } = await this.ask("opened", request);
    this.slotBytes = slotBytes;
    this.parameters = new ArrayBuffer(parameters.byteLength);
    this.sums = new ArrayBuffer(training ? subtreesOf(share).length * slotBytes : 0);
  }

  /** Let it compute its shards of a batch. */
  async computeGradient(draw: BatchDraw, next: BatchDraw | undefined, active: Float32Array): Promise<void> {
    const { parameters, sums } = this;
    new Float32Array(parameters).set(active);
    const request: Request = { kind: "gradient", draw, next, parameters, sums };
    Object.assign(this, await this.ask("gradient", request, [parameters, sums]));
  }

  /** The sums that it computed last, `bytes` of each. */
  sumsOfSubtrees(bytes: number): [Shards, Uint8Array][] {
    return subtreesOf(this.share).map((subtree, i) => [
      subtree,
      new Uint8Array(this.sums, i * this.slotBytes, bytes),
    ]);
  }

  /** Let it count right answers in its shards of a batch. */
  async countCorrect(
    draw: BatchDraw,
    heads: readonly number[],
    active: Float32Array,
  ): Promise<Int32Array | undefined> {
    const { parameters } = this;
    new Float32Array(parameters).set(active);
    const reply = await this.ask("count", { kind: "count", draw, heads, parameters }, [parameters]);
    this.parameters = reply.parameters;
    return reply.correct;
  }

  private async ask<K extends Reply["kind"]>(
    expected: K,
    request: Request,
    transfer: Transferable[] = [],
  ): Promise<ReplyOf<K>> {
    const reply = await new Promise<Reply>((resolve) => {
      this.port.onmessage = ({ data }) => resolve(data);
      send(this.port, request, transfer);
    });
    if (reply.kind === expected) return reply as ReplyOf<K>;
    throw new StateError(
      "message" in reply ? reply.message : `worker: it answered ${reply.kind}, expected ${expected}.`,
    );
  }
}

class SharedBatches implements Batches {
  private readonly plan: Plan;
  private readonly drawer: BatchDrawer;
  private readonly own: Shards;
  private readonly helpers: readonly Helper[];

  constructor(core: Core, plan: Plan, own: Shards, helpers: readonly Helper[]) {
    this.plan = plan;
    this.drawer = new BatchDrawer(core, plan);
    this.own = own;
    this.helpers = helpers;
  }

  async computeGradient(draw: BatchDraw, next?: BatchDraw): Promise<boolean> {
    const { plan, drawer, own, helpers } = this;
    const active = draw.N.length;
    const parameters = plan.activeParameters(active);
    const answers = Promise.all(helpers.map((helper) => helper.computeGradient(draw, next, parameters)));
    const steps = drawer.draw(draw);
    plan.prepareGradient();
    // the leader's share begins at the first shard, and is one subtree
    plan.computeShards(own, steps, active, 0);
    drawer.drawAhead(next);
    await answers;
    this.addSubtrees({ low: 0, high: SHARDS }, active, 0);
    return plan.finishGradient(active);
  }

  async countCorrect(draw: BatchDraw, heads: readonly number[]): Promise<Int32Array | undefined> {
    const { plan, drawer, own, helpers } = this;
    const parameters = plan.activeParameters(Math.max(...heads) + 1);
    const answers = Promise.all(helpers.map((helper) => helper.countCorrect(draw, heads, parameters)));
    const correct = plan.countCorrect(drawer.draw(draw), heads, own)?.slice();
    for (const counts of await answers) {
      if (!counts) return undefined;
      correct?.forEach((_, l) => {
        correct[l]! += counts[l]!;
      });
    }
    return correct;
  }

  // the sum over a subtree into slot `level`, from the sums that there are
  private addSubtrees(subtree: Shards, active: number, level: number): void {
    const { low, high } = subtree;
    if (low === this.own.low && high === this.own.high) return;
    const slot = this.plan.slot(level, active);
    const sum = this.sumOf(subtree, slot.length);
    if (sum) {
      slot.set(sum);
    } else {
      const middle = (low + high) / 2;
      this.addSubtrees({ low, high: middle }, active, level);
      this.addSubtrees({ low: middle, high }, active, level + 1);
      this.plan.addSlots(level, active);
    }
  }

  private sumOf({ low, high }: Shards, bytes: number): Uint8Array | undefined {
    const owner = this.helpers.find(({ share }) => share.low <= low && high <= share.high);
    return owner
      ?.sumsOfSubtrees(bytes)
      .find(([subtree]) => subtree.low === low && subtree.high === high)?.[1];
  }
}

/** Be the helper of the leader at the other end of `port`, until it or the signal says that it is over. */
export function serveShards(port: MessagePort, signal: AbortSignal): Promise<void> {
  let share: Share | undefined;
  // once: what is released may be in use again
  const release = () => {
    share?.release();
    share = undefined;
  };
  return new Promise((resolve) => {
    const end = () => {
      release();
      port.close();
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
    port.onmessage = async ({ data }: { data: Request }) => {
      try {
        if (data.kind === "close") {
          end();
        } else if (data.kind === "open") {
          release();
          share = await Share.open(data);
          send(port, { kind: "opened", slotBytes: share.slotBytes });
        } else {
          const reply = share!.answer(data);
          send(port, reply, "sums" in reply ? [reply.parameters, reply.sums] : [reply.parameters]);
          if (data.kind === "gradient") share!.drawer.drawAhead(data.next);
        }
      } catch (error) {
        send(port, { kind: "failed", message: (error as Error).message });
      }
    };
  });
}

/** The helper's side: a copy of the network, and the shards that are its own. */
class Share {
  /** Bytes of the gradient of a subtree, of all heads. */
  readonly slotBytes: number;
  readonly drawer: BatchDrawer;
  private readonly core: Core;
  private readonly plan: Plan;
  private readonly shards: Shards;

  private constructor(core: Core, plan: Plan, shards: Shards) {
    this.core = core;
    this.plan = plan;
    this.drawer = new BatchDrawer(core, plan);
    this.shards = shards;
    this.slotBytes = plan.trains ? plan.slot(0, plan.shape.heads).length : 0;
  }

  static async open({ shape, batchShape, training, share, digits }: RequestOf<"open">): Promise<Share> {
    const core = await Core.load();
    const plan = new Plan(core, shape, batchShape, training ? "elsewhere" : undefined);
    if (digits) plan.digits = new PlacedDigits(core, digits);
    return new Share(core, plan, share);
  }

  answer(request: RequestOf<"gradient"> | RequestOf<"count">): ReplyOf<"gradient"> | ReplyOf<"count"> {
    return request.kind === "gradient" ? this.computeGradient(request) : this.countCorrect(request);
  }

  release(): void {
    this.core.release();
  }

  private computeGradient({ draw, parameters, sums }: RequestOf<"gradient">): ReplyOf<"gradient"> {
    const { plan, drawer, slotBytes } = this;
    const active = draw.N.length;
    this.setParameters(parameters, active);
    const steps = drawer.draw(draw);
    plan.prepareGradient();
    subtreesOf(this.shards).forEach((subtree, i) => {
      plan.computeShards(subtree, steps, active, 0);
      new Uint8Array(sums).set(plan.slot(0, active), i * slotBytes);
    });
    return { kind: "gradient", parameters, sums };
  }

  private countCorrect({ draw, heads, parameters }: RequestOf<"count">): ReplyOf<"count"> {
    const { plan, drawer, shards } = this;
    this.setParameters(parameters, Math.max(...heads) + 1);
    const correct = plan.countCorrect(drawer.draw(draw), heads, shards)?.slice();
    return { kind: "count", correct, parameters };
  }

  private setParameters(parameters: ArrayBuffer, active: number): void {
    const target = this.plan.activeParameters(active);
    target.set(new Float32Array(parameters, 0, target.length));
  }
}

function send(port: MessagePort, message: Request | Reply, transfer: Transferable[] = []): void {
  port.postMessage(message, transfer);
}
