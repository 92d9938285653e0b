/**
 * Says when the disk of the state is full, because the lines of workerd about it name no folder and come again with each refused request.
 * While it is full, workerd tries an alarm again later and later, up to 17 minutes, and forgets one that it cannot delete. Both end when it
 * starts again.
 */
import { statfsSync } from "node:fs";

/** Free bytes below which the disk is full: the first order of a shard makes a file and its write-ahead log. */
const FULL_BELOW = 1024 ** 2;

/** Free bytes from which it has room again. */
const ROOM_FROM = 2 * FULL_BELOW;

/** Milliseconds from one check to the next. */
export const DISK_CHECK_INTERVAL = 5_000;

/** What a check needs. */
export interface DiskCheck {
  /** Any folder on the disk. */
  readonly folder: string;
  write(text: string): void;
  /** The disk was full, and has room again. */
  onRoom(): void;
  /** Bytes that the user of this process may still write; null where the file system does not say. */
  readonly freeBytes?: (folder: string) => number | null;
}

/** Creates a check. Each call compares the disk with the call before, and writes a line when it has become full or has room again. */
export function createDiskCheck({ folder, write, onRoom, freeBytes = freeBytesOf }: DiskCheck): () => void {
  let isFull = false;
  return () => {
    const free = freeBytes(folder);
    if (free === null) return;
    if (!isFull && free < FULL_BELOW) {
      isFull = true;
      write(
        `The disk of ${folder} is full, ${Math.floor(free / 1024)} KB are free: new payments are refused (503 unavailable) until it has room\n`,
      );
    } else if (isFull && free >= ROOM_FROM) {
      isFull = false;
      write(`The disk of ${folder} has room again: workerd starts again, so that no alarm waits longer\n`);
      onRoom();
    }
  };
}

/** A folder that cannot be asked must not end the edge. */
function freeBytesOf(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}
