/**
 * A Pub/Sub server of our own for one subscription, on the messages that the client library ships: for what Google's test server
 * cannot do. It is fast, keeps the bounds of flow control that the client asks for, takes leases and late acknowledgements as
 * seriously as the service does, and misbehaves on demand: it stalls, closes streams, refuses them, delivers twice, and refuses
 * acknowledgements of an exactly-once subscription.
 */
import { protos } from "@google-cloud/pubsub";
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceDefinition,
} from "@grpc/grpc-js";

const { StreamingPullRequest, StreamingPullResponse, AcknowledgeRequest, ModifyAckDeadlineRequest } =
  protos.google.pubsub.v1;
const { Empty } = protos.google.protobuf;

type PullRequest = protos.google.pubsub.v1.StreamingPullRequest;
type PullResponse = protos.google.pubsub.v1.IStreamingPullResponse;
type AckRequest = protos.google.pubsub.v1.AcknowledgeRequest;
type ModifyRequest = protos.google.pubsub.v1.ModifyAckDeadlineRequest;
type Stream = ServerDuplexStream<PullRequest, PullResponse>;

export interface ServedMessage {
  id: string;
  data: Uint8Array;
  attributes?: Record<string, string>;
  orderingKey?: string;
  /** Epoch ms. */
  publishedAt?: number;
}

interface Lease {
  message: ServedMessage;
  stream: Subscriber;
  /** Epoch ms. */
  until: number;
}

interface Subscriber {
  stream: Stream;
  maxMessages: number;
  maxBytes: number;
  messages: number;
  bytes: number;
  leaseMs: number;
}

/** Why an acknowledgement of an exactly-once subscription fails, as the service words it. */
export type AckFault = "PERMANENT_FAILURE_INVALID_ACK_ID" | `TRANSIENT_${string}`;

const PER_RESPONSE = 500;
const SWEEP_MS = 250;
/** `shift` moves all that is behind it: with a backlog of minutes the server would be slower than its clients. */
const SENT_KEPT = 10_000;

export class StreamingPullServer {
  host = "";
  /** Deliveries by id of the message. */
  readonly deliveries = new Map<string, number>();
  readonly acked = new Set<string>();
  /** Acknowledgements whose lease had run out: the message was, or will be, delivered again. */
  lateAcks = 0;
  /** Deliveries of messages that had been delivered before. */
  redelivered = 0;
  /** Deliveries of messages that had been acknowledged; always 0 unless `repeat` asked for it. */
  redeliveredAfterAck = 0;
  streamsOpened = 0;
  /** Sends nothing while it is set. */
  isStalled = false;
  isExactlyOnce = false;
  /** Acknowledgements get lost on their way. */
  losesAcks = false;
  /** Streams that are opened while it is set are ended with it. */
  refusal: { code: status; details: string } | null = null;
  /** What an acknowledgement of this message meets; null = nothing stands against it. */
  ackFault: (id: string) => AckFault | null = () => null;
  /** Answers to acknowledgements wait for it. */
  beforeAck: () => Promise<void> = () => Promise.resolve();
  private readonly waiting: ServedMessage[] = [];
  /** Those of `waiting` that were sent and are not removed yet. */
  private sent = 0;
  private readonly leases = new Map<string, Lease>();
  private readonly subscribers = new Set<Subscriber>();
  private readonly server = new Server({ "grpc.max_receive_message_length": -1 });
  private readonly sweep = setInterval(() => this.expire(), SWEEP_MS);
  private lastAckId = 0;
  private isSending = false;

  static async start(): Promise<StreamingPullServer> {
    const served = new StreamingPullServer();
    served.server.addService(SERVICE, {
      streamingPull: (stream: Stream) => served.open(stream),
      acknowledge: (call: ServerUnaryCall<AckRequest, object>, answer: sendUnaryData<object>) =>
        void served.acknowledge(call.request, answer),
      modifyAckDeadline: (call: ServerUnaryCall<ModifyRequest, object>, answer: sendUnaryData<object>) =>
        served.modify(call.request, answer),
    });
    const port = await new Promise<number>((resolve, reject) =>
      served.server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    served.host = `127.0.0.1:${port}`;
    return served;
  }

  close(): void {
    clearInterval(this.sweep);
    this.server.forceShutdown();
  }

  publish(...messages: ServedMessage[]): void {
    for (const message of messages) this.waiting.push(message);
    this.sendSoon();
  }

  /** Delivers messages that are in hand, or that were acknowledged, once more. */
  repeat(...messages: ServedMessage[]): void {
    this.publish(...messages);
  }

  /** Messages that are not acknowledged and that nobody holds. */
  get available(): number {
    return this.waiting.length - this.sent;
  }

  private next(): ServedMessage {
    const message = this.waiting[this.sent++]!;
    if (this.sent >= Math.max(SENT_KEPT, this.waiting.length / 2)) {
      this.waiting.splice(0, this.sent);
      this.sent = 0;
    }
    return message;
  }

  /** Messages that somebody holds. */
  get held(): number {
    return this.leases.size;
  }

  resume(): void {
    this.isStalled = false;
    this.sendSoon();
  }

  /** Ends all streams with this status; a client may come back at once. */
  endStreams(code: status, details = ""): void {
    for (const subscriber of this.subscribers) end(subscriber.stream, code, details);
    this.subscribers.clear();
  }

  private open(stream: Stream): void {
    this.streamsOpened++;
    if (this.refusal) return end(stream, this.refusal.code, this.refusal.details);
    let subscriber: Subscriber | null = null;
    const gone = () => {
      if (subscriber) this.subscribers.delete(subscriber);
    };
    stream.on("data", (request: PullRequest) => {
      if (subscriber === null) this.subscribers.add((subscriber = toSubscriber(stream, request)));
      else if (request.streamAckDeadlineSeconds > 0) subscriber.leaseMs = request.streamAckDeadlineSeconds * 1_000;
      this.sendSoon();
    });
    stream.on("cancelled", gone);
    stream.on("error", gone);
    stream.on("end", () => {
      gone();
      stream.end();
    });
  }

  private sendSoon(): void {
    if (this.isSending) return;
    this.isSending = true;
    setImmediate(() => {
      this.isSending = false;
      for (const subscriber of this.subscribers) this.send(subscriber);
    });
  }

  private send(subscriber: Subscriber): void {
    while (!this.isStalled && this.available > 0) {
      const batch: { ackId: string; message: object; deliveryAttempt: number }[] = [];
      while (batch.length < PER_RESPONSE && this.available > 0 && hasRoom(subscriber)) {
        batch.push(this.lend(this.next(), subscriber));
      }
      if (batch.length === 0) return;
      subscriber.stream.write({
        receivedMessages: batch,
        subscriptionProperties: { exactlyOnceDeliveryEnabled: this.isExactlyOnce, messageOrderingEnabled: true },
      });
    }
  }

  private lend(message: ServedMessage, stream: Subscriber) {
    const ackId = String(++this.lastAckId);
    this.leases.set(ackId, { message, stream, until: Date.now() + stream.leaseMs });
    stream.messages++;
    stream.bytes += message.data.length;
    const before = this.deliveries.get(message.id) ?? 0;
    if (before > 0) this.redelivered++;
    if (this.acked.has(message.id)) this.redeliveredAfterAck++;
    this.deliveries.set(message.id, before + 1);
    const { id, data, attributes = {}, orderingKey = "", publishedAt = Date.now() } = message;
    const publishTime = { seconds: Math.floor(publishedAt / 1_000), nanos: (publishedAt % 1_000) * 1_000_000 };
    return { ackId, message: { messageId: id, data, attributes, orderingKey, publishTime }, deliveryAttempt: 0 };
  }

  /** Ends a lease. Undefined when there is none: it ran out. */
  private takeBack(ackId: string): Lease | undefined {
    const lease = this.leases.get(ackId);
    if (!lease) return undefined;
    this.leases.delete(ackId);
    lease.stream.messages--;
    lease.stream.bytes -= lease.message.data.length;
    return lease;
  }

  /** All leases run out now. */
  expireLeases(): void {
    for (const lease of this.leases.values()) lease.until = 0;
    this.expire();
  }

  private async acknowledge({ ackIds }: AckRequest, answer: sendUnaryData<object>): Promise<void> {
    if (this.losesAcks) return answer(null, {});
    const faults: Record<string, AckFault> = {};
    for (const ackId of ackIds) {
      const id = this.leases.get(ackId)?.message.id;
      const fault = id === undefined ? "PERMANENT_FAILURE_INVALID_ACK_ID" : this.ackFault(id);
      if (id === undefined) this.lateAcks++;
      if (fault === null) this.acked.add(this.takeBack(ackId)!.message.id);
      else faults[ackId] = fault;
    }
    this.sendSoon();
    await this.beforeAck();
    if (!this.isExactlyOnce || Object.keys(faults).length === 0) answer(null, {});
    else answer({ code: status.FAILED_PRECONDITION, details: "some ids failed", metadata: ackErrors(faults) });
  }

  private modify({ ackIds, ackDeadlineSeconds }: ModifyRequest, answer: sendUnaryData<object>): void {
    for (const ackId of ackIds) {
      const lease = this.leases.get(ackId);
      if (lease && ackDeadlineSeconds > 0) lease.until = Date.now() + ackDeadlineSeconds * 1_000;
      else if (lease) this.waiting.push(this.takeBack(ackId)!.message);
    }
    this.sendSoon();
    answer(null, {});
  }

  private expire(): void {
    const now = Date.now();
    for (const [ackId, { until }] of this.leases) {
      if (until < now) this.waiting.push(this.takeBack(ackId)!.message);
    }
    this.sendSoon();
  }
}

const hasRoom = ({ messages, maxMessages, bytes, maxBytes }: Subscriber): boolean =>
  messages < maxMessages && bytes < maxBytes;

function toSubscriber(stream: Stream, request: PullRequest): Subscriber {
  const orEndless = (bound: unknown) => (Number(bound) > 0 ? Number(bound) : Infinity);
  return {
    stream,
    maxMessages: orEndless(request.maxOutstandingMessages),
    maxBytes: orEndless(request.maxOutstandingBytes),
    messages: 0,
    bytes: 0,
    leaseMs: request.streamAckDeadlineSeconds * 1_000,
  };
}

function end(stream: Stream, code: status, details: string): void {
  if (code === status.OK) stream.end();
  else stream.emit("error", { code, details, metadata: new Metadata() });
}

const codec = <T extends object>(type: {
  encode(value: never): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}) => ({
  serialize: (value: T) => Buffer.from(type.encode(value as never).finish()),
  deserialize: (bytes: Buffer) => type.decode(bytes),
});

const method = <Q extends object, A extends object>(
  name: string,
  isStream: boolean,
  request: Parameters<typeof codec<Q>>[0],
  response: Parameters<typeof codec<A>>[0],
) => ({
  path: `/google.pubsub.v1.Subscriber/${name}`,
  requestStream: isStream,
  responseStream: isStream,
  requestSerialize: codec(request).serialize,
  requestDeserialize: codec(request).deserialize,
  responseSerialize: codec(response).serialize,
  responseDeserialize: codec(response).deserialize,
});

const SERVICE: ServiceDefinition = {
  streamingPull: method("StreamingPull", true, StreamingPullRequest, StreamingPullResponse),
  acknowledge: method("Acknowledge", false, AcknowledgeRequest, Empty),
  modifyAckDeadline: method("ModifyAckDeadline", false, ModifyAckDeadlineRequest, Empty),
};

/**
 * google.rpc.Status { code: 9, details: [Any of google.rpc.ErrorInfo { reason, domain, metadata }] }, written by hand: the
 * library ships how to read it, not how to write it.
 */
function ackErrors(faults: Record<string, AckFault>): Metadata {
  const entries = Object.entries(faults).map(([id, fault]) => part(3, part(1, id), part(2, fault)));
  const info = Buffer.concat([part(1, "ACK_FAILED"), part(2, "pubsub.googleapis.com"), ...entries]);
  const any = Buffer.concat([part(1, "type.googleapis.com/google.rpc.ErrorInfo"), part(2, info)]);
  const metadata = new Metadata();
  metadata.set(
    "grpc-status-details-bin",
    Buffer.concat([Buffer.from([0x08, status.FAILED_PRECONDITION]), part(3, any)]),
  );
  return metadata;
}

/** A length-delimited field of a protocol buffer. */
function part(field: number, ...contents: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(contents.map((content) => Buffer.from(content)));
  const length: number[] = [];
  let rest = body.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([(field << 3) | 2, ...length, rest]), body]);
}
