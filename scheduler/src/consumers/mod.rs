//! Robot events: from the broker into the inbox, from the inbox into the rooms.
