META
key;value
description;Small things, no skipping
country;Spain
unit;Puerto Claro
instance;2026
num_projects;5
num_votes;9
budget;800
vote_type;approval
rule;greedy-no-skip
date_begin;01.03.2026
date_end;15.03.2026
max_length;3
min_project_score_threshold;2
PROJECTS
project_id;cost;votes;name;selected
11;300.5;5;A library of tools;1
12;410;4;Bird boxes;1
13;250;4;Football goals;0
14;120.25;2;A map of the springs;0
9;80;2;Seeds for balconies;0
VOTES
voter_id;vote
1;11,12
2;11
3;11,13
4;12,13
5;11,12
6;13,14
7;9
8;14,9
9;11,12,13
