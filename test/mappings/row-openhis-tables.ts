/** The tables of OpenHIS that the view reads, with the columns it needs and some it does not (his.md b.1; snake case as its entities have them). */
export const OPENHIS_TABLES = `
CREATE TABLE med_medication_definition (id bigint PRIMARY KEY, bus_no varchar(64), name varchar(255), unit_code varchar(32), min_unit_code varchar(32), part_percent numeric(18,6), part_attribute_enum int);
CREATE TABLE med_medication_request (id bigint PRIMARY KEY, bus_no varchar(64), prescription_no varchar(64), quantity int, unit_code varchar(32), status_enum int);
CREATE TABLE med_medication_dispense (id bigint PRIMARY KEY, bus_no varchar(64), status_enum int, not_performed_reason_enum int, status_changed_time timestamp, dispense_enum int, medication_id bigint, patient_id bigint,
  encounter_id bigint, practitioner_id bigint, location_id bigint, med_req_id bigint, dispense_quantity numeric(18,6), prepare_time timestamp, dispense_time timestamp, quantity numeric(18,6), unit_code varchar(32),
  lot_number varchar(64), trace_no varchar(2000), procedure_id bigint, summary_no varchar(64), tenant_id int, delete_flag char(1) DEFAULT '0');
CREATE TABLE adm_location (id bigint PRIMARY KEY, bus_no varchar(64), name varchar(128));
CREATE TABLE adm_practitioner (id bigint PRIMARY KEY, bus_no varchar(64), name varchar(128));
CREATE TABLE adm_supplier (id bigint PRIMARY KEY, bus_no varchar(64), name varchar(128));
CREATE TABLE adm_encounter (id bigint PRIMARY KEY, bus_no varchar(64), class_enum int);
CREATE TABLE adm_patient (id bigint PRIMARY KEY, bus_no varchar(64), name varchar(128), id_card varchar(32));
CREATE TABLE sys_dict_data (dict_code bigint PRIMARY KEY, dict_type varchar(100), dict_value varchar(100), dict_label varchar(100));
CREATE TABLE wor_supply_request (id bigint PRIMARY KEY, bus_no varchar(64), type_enum int, status_enum int, item_table varchar(64), item_quantity numeric(18,6), item_id bigint, unit_code varchar(32), occurrence_time timestamp,
  supplier_id bigint, source_location_id bigint, purpose_location_id bigint, approver_id bigint, approval_time timestamp, lot_number varchar(64), trace_no varchar(2000), invoice_no varchar(64), start_time timestamp, end_time timestamp, price numeric(18,6));
INSERT INTO sys_dict_data VALUES (1, 'unit_code', '1', '盒'), (2, 'unit_code', '2', '片'), (3, 'sex', '1', '男');
INSERT INTO med_medication_definition VALUES (10, 'YP00012', '样例片', '1', '2', 24, 1);
INSERT INTO adm_location VALUES (20, 'L1', '西药房'), (21, 'L2', '药库');
INSERT INTO adm_practitioner VALUES (30, '8801', '样例药师');
INSERT INTO adm_supplier VALUES (40, 'GYS01', '样例医药公司');
INSERT INTO adm_encounter VALUES (50, 'EN0001', 2), (51, 'EN0002', 1);
INSERT INTO adm_patient VALUES (60, 'P1', '样例甲', NULL);
INSERT INTO med_medication_request VALUES (70, 'MR1', 'CF0001', 2, '1', 1);`;
