// Unpack: what a page is given is compressed, as text in a script.

const bytesOf = (code) => Uint8Array.from(atob(code), (c) => c.charCodeAt(0));
const unpacked = (code) => new Response(new Blob([bytesOf(code)]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
