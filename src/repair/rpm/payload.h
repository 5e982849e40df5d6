/* SPDX-License-Identifier: Apache-2.0 */
/* payload.h - inside repair/rpm/: what the worker that reads a payload says. */
#ifndef REPAIR_RPM_PAYLOAD_H
#define REPAIR_RPM_PAYLOAD_H

#include "codec/stream.h"

/* An entry (number in the header in eight bytes, UINT64_MAX: by its path; size in eight; path,
 * counted), then its bytes, then an end. */
enum { RPM_RECORD_ENTRY = 'E', RPM_RECORD_DATA = 'D', RPM_RECORD_END = 'X' };

/* Who takes them. */
struct rpm_payload_sink {
	hm_err (*say)(struct hm_cx *cx, void *arg, struct hm_str record);
	void *arg;
};
/* `sizes`: how many bytes each of the header's files has in the archive, as LEB128. HM_INPUT. */
HM_MUST hm_err repair_rpm_payload(struct hm_cx *cx, struct stream_source source,
				  struct hm_str sizes, struct rpm_payload_sink to);

#endif
