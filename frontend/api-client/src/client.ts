import createClient, { type Client } from "openapi-fetch";

import type { paths } from "./generated/schema";

/** The API with its own types: every path, parameter, body and answer as the description has them. */
export type ApiClient = Client<paths>;

/** A client of the API at this address that sends this token, if there is one. */
export function apiClient(baseUrl: string, token?: string): ApiClient {
  return createClient<paths>({
    baseUrl,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  });
}
