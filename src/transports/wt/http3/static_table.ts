/**
 * The static table of QPACK (RFC 9204, appendix A), whose indexes begin at 0.
 *
 * @module
 */

/** Name and value of a header field. */
export type Field = readonly [name: string, value: string];

/** The table. */
export const STATIC_TABLE: readonly Field[] = [
  [":authority", ""],
  [":path", "/"],
  ["age", "0"],
  ["content-disposition", ""],
  ["content-length", "0"],
  ["cookie", ""],
  ["date", ""],
  ["etag", ""],
  ["if-modified-since", ""],
  ["if-none-match", ""],
  ["last-modified", ""],
  ["link", ""],
  ["location", ""],
  ["referer", ""],
  ["set-cookie", ""],
  ...rows(":method", "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"),
  ...rows(":scheme", "http", "https"),
  ...rows(":status", "103", "200", "304", "404", "503"),
  ...rows("accept", "*/*", "application/dns-message"),
  ["accept-encoding", "gzip, deflate, br"],
  ["accept-ranges", "bytes"],
  ...rows("access-control-allow-headers", "cache-control", "content-type"),
  ["access-control-allow-origin", "*"],
  ...rows("cache-control", "max-age=0", "max-age=2592000", "max-age=604800", "no-cache", "no-store"),
  ["cache-control", "public, max-age=31536000"],
  ...rows("content-encoding", "br", "gzip"),
  ...rows("content-type", "application/dns-message", "application/javascript", "application/json"),
  ...rows("content-type", "application/x-www-form-urlencoded", "image/gif", "image/jpeg", "image/png"),
  ...rows("content-type", "text/css", "text/html; charset=utf-8", "text/plain", "text/plain;charset=utf-8"),
  ["range", "bytes=0-"],
  ["strict-transport-security", "max-age=31536000"],
  ["strict-transport-security", "max-age=31536000; includesubdomains"],
  ["strict-transport-security", "max-age=31536000; includesubdomains; preload"],
  ...rows("vary", "accept-encoding", "origin"),
  ["x-content-type-options", "nosniff"],
  ["x-xss-protection", "1; mode=block"],
  ...rows(":status", "100", "204", "206", "302", "400", "403", "421", "425", "500"),
  ["accept-language", ""],
  ...rows("access-control-allow-credentials", "FALSE", "TRUE"),
  ["access-control-allow-headers", "*"],
  ...rows("access-control-allow-methods", "get", "get, post, options", "options"),
  ["access-control-expose-headers", "content-length"],
  ["access-control-request-headers", "content-type"],
  ...rows("access-control-request-method", "get", "post"),
  ["alt-svc", "clear"],
  ["authorization", ""],
  ["content-security-policy", "script-src 'none'; object-src 'none'; base-uri 'none'"],
  ["early-data", "1"],
  ["expect-ct", ""],
  ["forwarded", ""],
  ["if-range", ""],
  ["origin", ""],
  ["purpose", "prefetch"],
  ["server", ""],
  ["timing-allow-origin", "*"],
  ["upgrade-insecure-requests", "1"],
  ["user-agent", ""],
  ["x-forwarded-for", ""],
  ...rows("x-frame-options", "deny", "sameorigin"),
];

function rows(name: string, ...values: string[]): Field[] {
  return values.map((value) => [name, value]);
}
