// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/wording.h"

#include "base/text.h"

void append_name(struct buf *buf, const char *name, const char *otherwise)
{
    if (name != NULL) {
        text_append_clean(buf, name, NAME_LIMIT);
    } else {
        buf_text(buf, otherwise);
    }
}

void append_fault_text(struct buf *buf, const struct fault *fault)
{
    buf_format(buf, "%s: ", fault_kind_name(fault->kind));
    text_append_clean(buf, fault->text, FAULT_TEXT_SIZE);
}

bool enumeration_next(struct enumeration *list, struct buf *buf)
{
    const bool shown = list->count < NAMES_SHOWN;
    buf_text(buf, shown && list->count > 0 ? ", " : "");
    list->count++;
    return shown;
}

void enumeration_end(const struct enumeration *list, struct buf *buf)
{
    if (list->count > NAMES_SHOWN) {
        buf_format(buf, " and %zu more", list->count - NAMES_SHOWN);
    }
}
