import type { SeriesBlock } from '../../contract/index.ts';
import { joined } from './joined.ts';

/** What was written and may be forgotten yet: the server keeps its last seconds in memory only. */
export interface Memory {
  add(blocks: readonly SeriesBlock[], writtenAt: number): void;
  /** What was written before that is safe. */
  settle(before: number): void;
  /** All of it was written again. */
  restamp(writtenAt: number): void;
  /** Oldest first. */
  all(): readonly Remembered[];
  /** When the newest was written that had to be let go for lack of room. */
  readonly letGo: number;
}

export interface Remembered {
  readonly blocks: readonly SeriesBlock[];
  /** The last of it. */
  readonly writtenAt: number;
  readonly bytes: number;
}

interface Page extends Remembered {
  readonly began: number;
}

/** What is written within so long is kept as one: small blocks are mostly what holds them. */
const pageMs = 1_000;

export function openMemory(maxBytes: number): Memory {
  let kept: Page[] = [];
  let letGo = -Infinity;

  const pageOf = (blocks: readonly SeriesBlock[], began: number, writtenAt: number): Page => ({
    blocks,
    began,
    writtenAt,
    bytes: blocks.reduce((sum, block) => sum + sizeOf(block), 0),
  });
  return {
    add(blocks, writtenAt) {
      const open = kept.pop();
      if (open === undefined) kept.push(pageOf(blocks, writtenAt, writtenAt));
      else if (writtenAt - open.began < pageMs) kept.push(pageOf([...open.blocks, ...blocks], open.began, writtenAt));
      else kept.push(pageOf(joined(open.blocks), open.began, open.writtenAt), pageOf(blocks, writtenAt, writtenAt));
      let bytes = kept.reduce((sum, page) => sum + page.bytes, 0);
      let gone = 0;
      for (const page of kept) {
        if (bytes <= maxBytes) break;
        bytes -= page.bytes;
        gone += 1;
        letGo = page.writtenAt;
      }
      if (gone > 0) kept = kept.slice(gone);
    },
    settle(before) {
      kept = kept.filter(({ writtenAt }) => writtenAt >= before);
    },
    restamp(writtenAt) {
      kept = kept.map((page) => ({ ...page, writtenAt }));
    },
    all: () => kept,
    get letGo() {
      return letGo;
    },
  };
}

/** Numbers, times, and what objects cost beside what is in them. */
const sizeOf = ({ timestamps, numbers }: SeriesBlock): number => numbers.byteLength + 8 * timestamps.length + 400;
