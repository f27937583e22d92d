/** Where a message ends that has no frame around it: its fields are walked, nothing is decoded. */
import { BinaryReader, EndOfBytes, MalformedMessage, WIRE } from "./binary-protocol";

/**
 * @returns the length of the first message of `bytes` in bytes, or null while it is not all there
 * @throws MalformedMessage when no message begins like this
 */
export function messageLength(bytes: Buffer): number | null {
  if (bytes.length < 4) return null;
  if (bytes.readUInt16BE() !== 0x8001) throw new MalformedMessage("It is no message of Thrift's.");
  const input = new BinaryReader(bytes);
  try {
    input.readMessageBegin();
    input.skip(WIRE.STRUCT);
    return input.position;
  } catch (error) {
    if (error instanceof EndOfBytes) return null;
    throw error;
  }
}
