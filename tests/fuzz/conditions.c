/* SPDX-License-Identifier: Apache-2.0 */
/* Preconditions: two lines are header lines, what is asked is all of them. */
#include "http/server/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hm_str rest = hm_bytes(data, size);
	struct http_header room[8];
	struct http_headers h = { .p = room };
	struct http_state now = { true, HM_STR("\"sha256:a\""), 784111777 }, none = { 0 };
	while (rest.n && h.n < HM_LEN(room))
		if (http_header_line(hm_line(&rest), &room[h.n]))
			h.n++;
	if (http_condition(&h, false, &now) == HTTP_STATE_KNOWN)
		__builtin_trap(); /* 304 is for who reads */
	if (http_condition(&h, true, &none) == HTTP_STATE_KNOWN)
		__builtin_trap(); /* nobody has what is not there */
	(void)http_condition(&h, true, &now);
	if (http_range_counts(&h, false, &now))
		__builtin_trap();
	(void)http_range_counts(&h, true, &now);
	return 0;
}
