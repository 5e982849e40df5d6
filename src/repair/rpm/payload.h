/* SPDX-License-Identifier: Apache-2.0 */
/* payload.h - inside repair/rpm/: what the worker that reads a payload says. */
#ifndef REPAIR_RPM_PAYLOAD_H
#define REPAIR_RPM_PAYLOAD_H

/* An entry (number in the header in eight bytes, UINT64_MAX: by its path; size in eight; path,
 * counted), then its bytes, then an end. */
enum { RPM_RECORD_ENTRY = 'E', RPM_RECORD_DATA = 'D', RPM_RECORD_END = 'X' };

#endif
