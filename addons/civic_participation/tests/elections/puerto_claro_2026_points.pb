META
key;value
description;Ten points each
country;Spain
unit;Puerto Claro
instance;2026
num_projects;4
num_votes;6
budget;1100
vote_type;cumulative
rule;greedy
date_begin;01.03.2026
date_end;15.03.2026
max_sum_points;10
PROJECTS
project_id;cost;votes;score;name;selected
a;700;3;19;Swings;1
b;300;3;15;A slide;1
c;500;3;11;Shade sails;0
d;400;2;15;A water pump;0
VOTES
voter_id;vote;points
1;a,b;6,4
2;b,c;7,3
3;a;10
4;c,d;5,5
5;d;10
6;b,a,c;4,3,3
