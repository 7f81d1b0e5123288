/** Runs the example of docs/clients.md in JavaScript against the real server, with the client that the page carries. */

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SERVER = ['-m', 'gunicorn', '-c', 'gunicorn.conf.py'];

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Starts a server, and resolves when it says that it speaks. */
async function startServer(port) {
  const env = { ...process.env, TTS_PORT: String(port), TTS_ENGINES: 'tone', TTS_DEFAULT_VOICE: 'tone-zh' };
  const server = spawn('.venv/bin/python', SERVER, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    server.stdout.once('data', resolve);
    server.once('exit', () => reject(new Error('the server ended')));
  });
  return server;
}

test('the example speaks on Node.js', { timeout: 60_000 }, async () => {
  const [, code] = readFileSync(join(ROOT, 'docs', 'clients.md'), 'utf8').match(/```js\n(.*?)```/s);
  const folder = mkdtempSync(join(tmpdir(), 'shengliu-example-'));
  const port = await freePort();
  const server = await startServer(port);
  try {
    const client = new URL('../../static/vendor/socket.io.esm.min.js', import.meta.url).href;
    const program = code.replace('localhost:7860', `127.0.0.1:${port}`).replace("'socket.io-client'", `'${client}'`);
    writeFileSync(join(folder, 'example.mjs'), program);
    // Before version 22 Node.js offers WebSockets only when it is asked to.
    const options = ['--experimental-websocket', 'example.mjs'];
    const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: folder });
    const wav = readFileSync(join(folder, 'hello.wav'));
    assert.equal(wav.toString('latin1', 0, 4), 'RIFF');
    assert.ok(wav.length > 12_000);
    assert.match(stdout, /^\d+ ms of sound in hello\.wav\n$/);
  } finally {
    server.kill();
    await new Promise((resolve) => server.once('exit', resolve));
    rmSync(folder, { recursive: true });
  }
});
