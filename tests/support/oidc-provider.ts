/** A provider of single sign-on on this machine, with one client and whoever types a name. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

export const CLIENT_ID = "weir";
export const CLIENT_SECRET = "a-secret-of-the-client";

export class TestProvider {
  readonly #server: Server = createServer();

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  /**
   * Begins to answer. Whoever signs in as `anna` is anna@example.org, and has the role that this says.
   *
   * @param redirectUri where people go back to
   */
  serve(redirectUri: string, roleOf: (login: string) => string): void {
    const provider = new Provider(this.issuer, {
      clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: [redirectUri] }],
      claims: { openid: ["sub"], profile: ["name", "roles"], email: ["email", "email_verified"] },
      cookies: { keys: ["a key of the tests"] },
      findAccount: (_ctx, login) => ({
        accountId: login,
        claims: () => ({
          sub: login,
          name: `${login} of the provider`,
          email: `${login}@example.org`,
          email_verified: true,
          roles: [roleOf(login)],
        }),
      }),
    });
    const answer = provider.callback();
    this.#server.on("request", (request, response) => void answer(request, response));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
