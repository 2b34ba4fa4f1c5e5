META
key;value
description;Three ranked
country;Spain
unit;Puerto Claro
instance;2026
num_projects;4
num_votes;6
budget;100
vote_type;ordinal
rule;greedy
date_begin;01.03.2026
date_end;15.03.2026
max_length;3
PROJECTS
project_id;cost;votes;score;name;selected
x;50;5;11;A cinema on the beach;1
y;80;4;9;Concerts;0
z;40;4;8;A reading night;1
w;30;2;4;Dancing;0
VOTES
voter_id;vote
1;x,y,z
2;y,x
3;z,x,w
4;x
5;y,z,x
6;w,z,y
