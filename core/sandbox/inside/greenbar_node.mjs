// A reporter for node's test runner: signed JSON lines for the worker (greenbar_formats.py).
// The key comes over a pipe that is read empty here, in the runner's own process, before the first
// test process starts; tests can write to the results, but not sign what they write.
import { createHmac } from 'node:crypto';
import { openSync, readFileSync, writeSync } from 'node:fs';

const key = readFileSync(process.env.GREENBAR_KEY_FILE);
// Not node's own destination: since node 22 it is synced at the end, which a pipe refuses.
const results = openSync(process.env.GREENBAR_RESULTS, 'w');
delete process.env.GREENBAR_KEY_FILE;
delete process.env.GREENBAR_RESULTS;
const SENT = new Set(['test:dequeue', 'test:start', 'test:pass', 'test:fail', 'test:stdout', 'test:stderr']);

let count = 0;

function send(message) {
  count += 1;
  const line = `${count} ${JSON.stringify(message)}`;
  let data = Buffer.from(`${createHmac('sha256', key).update(line).digest('hex')} ${line}\n`);
  while (data.length) data = data.subarray(writeSync(results, data));
}

// The runner wants a generator; what it yields would be printed.
export default async function* reporter(source) {
  for await (const { type, data } of source) {
    if (!SENT.has(type)) continue;
    const error = data.details?.error;
    const cause = error?.cause;
    const thrown = cause instanceof Error || cause?.stack ? cause : error;
    send({
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
  }
  send({ type: 'end' });
}
