// SPDX-License-Identifier: Apache-2.0
// The layout is computed beside the page, which stays smooth meanwhile.
import { settle, type Problem } from "./force";

addEventListener("message", (event: MessageEvent<Problem>) => {
  settle(event.data, (places, done) => postMessage({ places, done }));
});
