// What frontends do with the client. Never run: it has to compile, and what is marked as wrong has to be refused.
import { apiClient } from "./client";
import type { components, paths } from "./generated/schema";

/** The error type of an answer is the description's, not `unknown`. */
function sentence(problem: components["schemas"]["Problem"]): string {
  return `${String(problem.code)} ${problem.msg}`;
}

export async function withdraw(token: string, amount: string, key: string): Promise<string> {
  const client = apiClient("https://gpet.example", token);
  const { data, error } = await client.POST("/api/h5/withdrawals", {
    params: { header: { "Idempotency-Key": key } },
    body: { amount },
  });
  if (error !== undefined) return sentence(error);
  return data.data?.id ?? data.msg;
}

export async function paged(token: string): Promise<number> {
  const client = apiClient("https://gpet.example", token);
  const { data } = await client.GET("/api/console/users", { params: { query: { page_size: 50, code: "U-1" } } });
  const [first] = data?.data ?? [];
  // @ts-expect-error the first of a list may be missing
  first.id.toString();
  return data?.page_info?.total_records ?? 0;
}

export async function refused(token: string): Promise<void> {
  const client = apiClient("https://gpet.example", token);
  // @ts-expect-error there is no such path
  await client.GET("/api/h5/nowhere");
  // @ts-expect-error a withdrawal has an amount
  await client.POST("/api/h5/withdrawals", { body: {} });
  // @ts-expect-error money is a string, never a number
  await client.POST("/api/h5/withdrawals", { body: { amount: 20 } });
  // @ts-expect-error the path has an id
  await client.GET("/api/h5/withdrawals/{id}");
}

/** Money is text in the answer that a wallet is read from. */
type Income = NonNullable<
  paths["/api/h5/profit"]["get"]["responses"][200]["content"]["application/json; charset=utf-8"]["data"]
>;
export function balance(income: Income): string {
  return income.summary.balance;
}
