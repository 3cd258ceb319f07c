/* ids.h: the lists and the views there are. */
#ifndef CDCTOP_TUI_IDS_H
#define CDCTOP_TUI_IDS_H

/* The lists: the five panes of the overview, then those that fill a screen of their own. */
enum pane_id {
    PANE_SLOTS,
    PANE_TOPICS,
    PANE_CONNECTORS,
    PANE_OBJECTS,
    PANE_FINDINGS,
    PANE_COUNT,
    LIST_FLEET = PANE_COUNT,
    LIST_GROUPS,
    LIST_PARTITIONS, /* of the group that is open */
    LIST_SNAPSHOTS,
    LIST_TABLES,  /* of the snapshot that is open */
    LIST_HISTORY, /* findings that hold, are muted, are gone */
    LIST_EVENTS,
    LIST_OBJECTS,  /* of the prefix that is open */
    LIST_MESSAGES, /* records of a topic that were asked for */
    LIST_CONTENT,  /* records at the beginning of an object */
    LIST_COUNT,
    LIST_NONE = LIST_COUNT
};

enum view_id {
    VIEW_FLEET,
    VIEW_OVERVIEW,
    VIEW_SLOT,
    VIEW_TOPIC,
    VIEW_CONNECTOR,
    VIEW_PREFIX,
    VIEW_FINDING,
    VIEW_GROUPS,
    VIEW_GROUP,
    VIEW_SNAPSHOTS,
    VIEW_SNAPSHOT,
    VIEW_HISTORY,
    VIEW_MESSAGES,
    VIEW_OBJECT,
    VIEW_RECORD,
    VIEW_HELP,
    VIEW_LOG,
    VIEW_EVENT,
    VIEW_ABOUT,
    VIEW_COUNT
};

#endif
