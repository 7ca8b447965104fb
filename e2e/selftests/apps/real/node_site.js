// Node's own http server, with sessions of its own: node node_site.js PORT
const { createHmac } = require("node:crypto");
const { createServer } = require("node:http");

const BROKEN = "BROKEN" in process.env;
const REMEMBERED = (BROKEN ? 8 : 7) * 24 * 3600;

const sign = (text) => createHmac("sha256", "a key for the tests").update(text).digest("hex");

function nameOf(request) {
  const [, session = ""] = /(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? "") ?? [];
  const [name, since, signature] = session.split(".");
  const valid = signature === sign(`${name}.${since}`) && Date.now() / 1000 < Number(since) + REMEMBERED;
  return valid ? name : undefined;
}

createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  const answer = (text, cookie) => {
    const headers = { "Content-Type": "text/html", ...(cookie && { "Set-Cookie": `session=${cookie}; Path=/; HttpOnly` }) };
    response.writeHead(text ? 200 : 404, headers).end(text);
  };
  if (url.pathname === "/") {
    const name = nameOf(request);
    answer(name ? `Signed in as ${name}` : "Signed out");
  } else if (url.pathname === "/sign-in") {
    const session = `Ada.${Math.floor(Date.now() / 1000)}`;
    const age = BROKEN || url.searchParams.has("remember") ? `; Max-Age=${REMEMBERED}` : "";
    answer("Welcome", `${session}.${sign(session)}${age}`);
  } else if (url.pathname === "/sign-out") {
    answer("Bye", BROKEN ? undefined : "; Max-Age=0");
  } else {
    answer("");
  }
}).listen(Number(process.argv[2]), "127.0.0.1");
