/** Recognises loopback hosts: connections to them do not leave the machine. */

/** `localhost`, 127.0.0.0/8 (RFC 1122 §3.2.1.3) and ::1 (RFC 4291 §2.5.3), in the form of `URL.hostname`. */
const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether a host is this machine. @param hostname the whole `hostname` of a URL: `localhost.shop.example` is another machine */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}
