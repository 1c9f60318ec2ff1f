// A reporter for node's test runner: signed JSON lines for the worker (greenbar_formats.py).
// The key comes over a pipe that is read empty here, in the runner's own process, before the first
// test process starts; tests can write to the results, but not sign what they write.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const key = readFileSync(process.env.GREENBAR_KEY_FILE);
const SENT = new Set(['test:dequeue', 'test:start', 'test:pass', 'test:fail', 'test:stdout', 'test:stderr']);

export default async function* reporter(source) {
  let count = 0;
  for await (const { type, data } of source) {
    if (!SENT.has(type)) continue;
    const error = data.details?.error;
    const cause = error?.cause;
    const thrown = cause instanceof Error || cause?.stack ? cause : error;
    const text = JSON.stringify({
      type: type.slice(5),
      name: data.name,
      nesting: data.nesting,
      file: data.file,
      kind: data.details?.type,
      seconds: (data.details?.duration_ms ?? 0) / 1000,
      skip: data.skip,
      todo: data.todo,
      failure: error?.failureType,
      message: error && String(thrown?.message ?? cause ?? error),
      stack: error && String(thrown?.stack ?? cause ?? error).slice(0, 20000),
      output: data.message?.slice(0, 65536),
    });
    count += 1;
    const line = `${count} ${text}`;
    yield `${createHmac('sha256', key).update(line).digest('hex')} ${line}\n`;
  }
  count += 1;
  const line = `${count} {"type":"end"}`;
  yield `${createHmac('sha256', key).update(line).digest('hex')} ${line}\n`;
}
