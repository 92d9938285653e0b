/** Which hosts are this machine itself, where nobody can listen in between. */

/** The name itself, 127.0.0.0/8 (RFC 1122 §3.2.1.3) and ::1 (RFC 4291 §2.5.3), as `URL.hostname` writes them. */
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether a host is this machine. @param hostname `hostname` of a URL, whole: `localhost.shop.example` is another machine */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}
