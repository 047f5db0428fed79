// Starts the GitHub of the package `emulate` on a free port of loopback, says where, and ends with its stdin.
import net from "node:net";
import { pathToFileURL } from "node:url";

const [, , entry] = process.argv;

// The package would listen on every address of the machine.
const listen = net.Server.prototype.listen;
let server;
net.Server.prototype.listen = function (port, ...rest) {
  const done = rest.find((one) => typeof one === "function");
  server = this;
  return listen.call(this, { port: typeof port === "object" ? port.port : port, host: "127.0.0.1" }, done);
};

const freePort = () =>
  new Promise((resolve) => {
    const probe = net.createServer().listen(0, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

let text = "";
process.stdin.setEncoding("utf8");
for await (const part of process.stdin) {
  text += part;
  if (text.endsWith("\n")) break;
}
const { createEmulator } = await import(pathToFileURL(entry));
const port = await freePort();
const baseUrl = `http://localhost:${port}`;
const emulator = await createEmulator({ service: "github", port, baseUrl, seed: JSON.parse(text) });
if (!server.listening) await new Promise((resolve) => server.once("listening", resolve));
const secrets = emulator.generatedSecrets.map(({ kind, id, value }) => ({ kind, id, value }));
process.stdout.write(JSON.stringify({ url: baseUrl, secrets }) + "\n");
process.stdin.on("end", () => process.exit(0)).resume();
