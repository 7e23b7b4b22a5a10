-- compatible
-- What has no route (a tax, a document) is accepted once for each day it is due by: an accepted one no longer stands in
-- the way of the next. A route stays one at a time, for its journey runs.
set local search_path = hamroh;

drop index proposals_live;
create unique index proposals_live on proposals (subject_id, rule_id, item)
  where state = 'open' or (state = 'accepted' and route_id is not null);
