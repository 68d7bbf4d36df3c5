-- MySQL dump 10.19  Distrib 10.3.39-MariaDB, for debian-linux-gnu (x86_64)
--
-- A small call centre, written for the tests. Tables and columns as in module.xml of FreePBX/core, queues, ivr,
-- timeconditions, ringgroups, announcement, recordings, daynight, miscdests, setcid, music (GitHub, FreePBX/...).
--
-- Host: localhost    Database: asterisk
/*!40101 SET NAMES utf8mb4 */;

DROP TABLE IF EXISTS `freepbx_settings`;
CREATE TABLE `freepbx_settings` (
  `keyword` varchar(50) NOT NULL DEFAULT '',
  `value` varchar(255) DEFAULT NULL,
  PRIMARY KEY (`keyword`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `freepbx_settings` VALUES ('PHPTIMEZONE','Europe/Moscow'),('TONEZONE','ru'),('UIDEFAULTLANG','ru_RU'),('FREEPBX_SYSTEM_IDENT','Северный чай'),('ASTRUNDIR','/var/run/asterisk');

CREATE TABLE `users` (
  `extension` varchar(20) NOT NULL DEFAULT '',
  `password` varchar(20) DEFAULT NULL,
  `name` varchar(50) DEFAULT NULL,
  `voicemail` varchar(50) DEFAULT NULL,
  `ringtimer` int(11) DEFAULT NULL,
  `noanswer` varchar(100) DEFAULT NULL,
  `recording` varchar(50) DEFAULT NULL,
  `outboundcid` varchar(50) DEFAULT NULL,
  `sipname` varchar(50) DEFAULT NULL,
  `mohclass` varchar(80) DEFAULT 'default',
  KEY `extension` (`extension`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `users` VALUES ('201','','Анна Соколова','default',0,'','','','','default'),('202','','Boris \"Bob\" O\'Neil','novm',25,'','','\"Tea\" <74951234567>','','default'),('203','','Вера 🍵 Орлова','novm',0,'','','','','default'),('204','','Дверь','novm',0,'','','','','default'),('299','','No device','novm',0,'','','','','default');

CREATE TABLE `devices` (
  `id` varchar(20) NOT NULL DEFAULT '',
  `tech` varchar(10) NOT NULL DEFAULT '',
  `dial` varchar(255) NOT NULL DEFAULT '',
  `devicetype` varchar(5) NOT NULL DEFAULT '',
  `user` varchar(50) DEFAULT NULL,
  `description` varchar(50) DEFAULT NULL,
  `emergency_cid` varchar(100) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `devices` VALUES ('201','pjsip','PJSIP/201','fixed','201','Анна Соколова',''),('202','pjsip','PJSIP/202','fixed','202','Boris',''),('203','sip','SIP/203','fixed','203','Вера',''),('204','dahdi','DAHDI/1','fixed','204','Дверь','');

CREATE TABLE `sip` (
  `id` varchar(20) NOT NULL DEFAULT '-1',
  `keyword` varchar(30) NOT NULL DEFAULT '',
  `data` varchar(8100) NOT NULL,
  `flags` int(1) NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`,`keyword`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `sip` VALUES ('203','secret','correct;horse\\battery',2),('203','dtmfmode','rfc2833',3),('203','type','friend',4),('203','call-limit','7',5),('tr-peer-2','host','198.51.100.7',2),('tr-peer-2','username','tea',3),('tr-peer-2','secret','hunter22hunter',4),('tr-peer-2','type','peer',5),('tr-peer-2','insecure','port,invite',6),('tr-reg-2','register','tea:hunter22hunter@198.51.100.7',0);

CREATE TABLE `pjsip` (
  `id` varchar(20) NOT NULL DEFAULT '-1',
  `keyword` varchar(30) NOT NULL DEFAULT '',
  `data` varchar(8100) NOT NULL,
  `flags` int(1) NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`,`keyword`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `pjsip` VALUES ('201','secret','Zx81-spectrum-48k',2),('201','dtmfmode','rfc4733',3),('201','media_encryption','sdes',4),('202','secret','202',2),('1','sip_server','sip.provider.example',2),('1','sip_server_port','5080',3),('1','username','74951234567',4),('1','secret','p,(a)s\'s;w0rd',5),('1','registration','send',6),('1','authentication','outbound',7),('1','codecs','alaw,ulaw,g729',8),('1','match','198.51.100.20,198.51.100.21',9),('1','t38_udptl','no',10);

CREATE TABLE `trunks` (
  `trunkid` int(11) NOT NULL DEFAULT 0,
  `name` varchar(50) NOT NULL DEFAULT '',
  `tech` varchar(20) NOT NULL,
  `outcid` varchar(255) NOT NULL DEFAULT '',
  `keepcid` varchar(4) DEFAULT 'off',
  `maxchans` varchar(6) DEFAULT '',
  `failscript` varchar(255) NOT NULL DEFAULT '',
  `dialoutprefix` varchar(255) NOT NULL DEFAULT '',
  `channelid` varchar(190) NOT NULL DEFAULT '',
  `disabled` varchar(4) DEFAULT 'off'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `trunks` VALUES (1,'Провайдер Север','pjsip','74951234567','off','30','','','Север','off'),(2,'Old SIP','sip','','off','','','9','oldsip','on'),(3,'E1','dahdi','','off','','','','g0','off');

CREATE TABLE `queues_config` (
  `extension` varchar(20) NOT NULL DEFAULT '',
  `descr` varchar(35) NOT NULL DEFAULT '',
  `grppre` varchar(100) NOT NULL DEFAULT '',
  `alertinfo` varchar(254) NOT NULL DEFAULT '',
  `ringing` tinyint(1) NOT NULL DEFAULT 0,
  `maxwait` varchar(8) NOT NULL DEFAULT '',
  `password` varchar(20) NOT NULL DEFAULT '',
  `ivr_id` varchar(8) NOT NULL DEFAULT '0',
  `dest` varchar(50) NOT NULL DEFAULT '',
  `cwignore` tinyint(1) NOT NULL DEFAULT 0,
  `joinannounce_id` int(11) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `queues_config` VALUES ('400','Отдел продаж','Продажи: ','',0,'300','','none','ext-local,vmu201,1',2,NULL),('401','Support','','',0,'','','none','',0,3);

CREATE TABLE `queues_details` (
  `id` varchar(45) NOT NULL DEFAULT '-1',
  `keyword` varchar(30) NOT NULL DEFAULT '',
  `data` varchar(150) NOT NULL DEFAULT '',
  `flags` int(11) NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `queues_details` VALUES ('400','strategy','ringall',0),('400','timeout','25',0),('400','wrapuptime','0',0),('400','music','tea',0),('400','servicelevel','60',0),('400','recording','dontcare',0),('400','joinempty','yes',0),('400','leavewhenempty','no',0),('400','periodic-announce-frequency','45',0),('400','member','Local/202@from-queue/n,0',1),('400','member','Local/201@from-queue/n,0',0),('401','strategy','fewestcalls',0),('401','timeout','15',0),('401','wrapuptime','30',0),('401','recording','force',0),('401','joinempty','strict',0),('401','member','Local/201@from-queue/n,0',0),('401','member','Local/203@from-queue/n,5',1),('401','member','Local/89031234567@from-queue/n,0',2);

CREATE TABLE `ringgroups` (
  `grpnum` varchar(20) NOT NULL,
  `strategy` varchar(50) NOT NULL,
  `grptime` smallint(6) NOT NULL,
  `grppre` varchar(100) DEFAULT NULL,
  `grplist` varchar(255) NOT NULL,
  `annmsg_id` int(11) DEFAULT NULL,
  `postdest` varchar(255) DEFAULT NULL,
  `description` varchar(35) NOT NULL,
  `ringing` varchar(80) DEFAULT NULL,
  `recording` varchar(10) DEFAULT 'dontcare'
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `ringgroups` VALUES ('600','hunt',20,NULL,'202-203-89037654321#',NULL,'app-blackhole,hangup,1','Склад','Ring','dontcare');

CREATE TABLE `ivr_details` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `name` varchar(50) DEFAULT NULL,
  `description` varchar(150) DEFAULT NULL,
  `announcement` int(11) DEFAULT NULL,
  `directdial` varchar(50) DEFAULT NULL,
  `invalid_loops` varchar(10) DEFAULT NULL,
  `invalid_retry_recording` varchar(25) DEFAULT NULL,
  `invalid_destination` varchar(50) DEFAULT NULL,
  `timeout_enabled` varchar(50) DEFAULT NULL,
  `invalid_recording` varchar(25) DEFAULT NULL,
  `retvm` varchar(8) DEFAULT NULL,
  `timeout_time` int(11) DEFAULT NULL,
  `timeout_recording` varchar(25) DEFAULT NULL,
  `timeout_retry_recording` varchar(25) DEFAULT NULL,
  `timeout_destination` varchar(50) DEFAULT NULL,
  `timeout_loops` varchar(10) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `ivr_details` VALUES (1,'Главное меню','',1,'ext-local','3','default','ext-queues,400,1',NULL,'default','',10,'default','default','ext-queues,400,1','3'),(2,'About us','',4,'','disabled','','',NULL,'','',5,'','','ivr-2,s,1','2');

CREATE TABLE `ivr_entries` (
  `ivr_id` int(11) NOT NULL,
  `selection` varchar(30) DEFAULT NULL,
  `dest` varchar(200) DEFAULT NULL,
  `ivr_ret` tinyint(1) NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `ivr_entries` VALUES (1,'1','ext-queues,400,1',0),(1,'3','ext-queues,401,1',0),(1,'4','ext-group,600,1',0),(1,'5','from-did-direct,201,1',0),(1,'6','app-announcement-2,s,1',0),(1,'7','timeconditions,2,1',0),(1,'8','ext-miscdests,1,1',0),(1,'9','ivr-2,s,1',0),(1,'0','from-did-direct,777,1',0),(1,'10','ext-queues,401,1',0),(1,'*','ivr-1,s,1',0),(2,'1','app-announcement-3,s,1',0),(2,'2','directory,1,1',0),(7,'1','ext-queues,400,1',0);

CREATE TABLE `recordings` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `displayname` varchar(50) DEFAULT NULL,
  `filename` blob DEFAULT NULL,
  `description` varchar(254) DEFAULT NULL,
  `fcode` tinyint(1) DEFAULT 0,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `recordings` VALUES (1,'main-menu',_binary 'custom/main-menu','Продажи - один.\r\nПоддержка - три.',0),(2,'hello',_binary 'custom/hello&silence/1&custom/recorded','Здравствуйте!',0),(3,'support',_binary 'custom/support','No long description available',0),(4,'about',0x637573746F6D2F61626F7574,'About: press 1',0),(5,'unused',_binary 'custom/unused','',0);

CREATE TABLE `announcement` (
  `announcement_id` int(11) NOT NULL AUTO_INCREMENT,
  `description` varchar(50) DEFAULT NULL,
  `recording_id` int(11) DEFAULT NULL,
  `allow_skip` int(11) DEFAULT NULL,
  `post_dest` varchar(255) DEFAULT NULL,
  `return_ivr` tinyint(1) NOT NULL DEFAULT 0,
  `noanswer` tinyint(1) NOT NULL DEFAULT 0,
  `repeat_msg` varchar(2) NOT NULL DEFAULT ''
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `announcement` VALUES (1,'Приветствие',2,0,'timeconditions,1,1',0,0,''),(2,'Our address',4,0,'app-blackhole,hangup,1',0,0,''),(3,'Our history',4,1,'',1,0,''),(4,'Ночь',3,0,'app-blackhole,hangup,1',0,0,'');

CREATE TABLE `timeconditions` (
  `timeconditions_id` int(11) NOT NULL AUTO_INCREMENT,
  `displayname` varchar(50) DEFAULT NULL,
  `time` int(11) DEFAULT NULL,
  `truegoto` varchar(50) DEFAULT NULL,
  `falsegoto` varchar(50) DEFAULT NULL,
  `mode` varchar(20) DEFAULT 'time-group',
  `timezone` varchar(255) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `timeconditions` VALUES (1,'Праздники',2,'app-announcement-2,s,1','timeconditions,2,1','time-group','default'),(2,'Рабочее время',1,'ivr-1,s,1','app-announcement-4,s,1','time-group','default'),(3,'Calendar',0,'ivr-1,s,1','app-announcement-4,s,1','calendar-group','default');

CREATE TABLE `timegroups_groups` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `description` varchar(50) NOT NULL DEFAULT '',
  PRIMARY KEY (`id`),
  UNIQUE KEY `display` (`description`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `timegroups_groups` VALUES (1,'Office hours'),(2,'Holidays');

CREATE TABLE `timegroups_details` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `timegroupid` int(11) NOT NULL DEFAULT 0,
  `time` varchar(100) NOT NULL DEFAULT ''
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `timegroups_details` VALUES (1,1,'09:00-17:59|mon-fri|*|*'),(2,1,'10:00-14:00|sat|*|*'),(3,2,'*|*|1-8|jan'),(4,2,'*|*|9|may'),(5,1,'half past nine|mon|*|*');

CREATE TABLE `daynight` (
  `ext` varchar(10) NOT NULL DEFAULT '',
  `dmode` varchar(40) NOT NULL DEFAULT '',
  `dest` varchar(190) NOT NULL DEFAULT ''
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `daynight` VALUES ('0','day','timeconditions,2,1'),('0','night','app-announcement-4,s,1'),('0','fc_description','Ночной режим'),('0','password','1234');

CREATE TABLE `miscdests` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `description` varchar(100) NOT NULL,
  `destdial` varchar(100) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `miscdests` VALUES (1,'Mobile of the boss','89031112233');

CREATE TABLE `setcid` (
  `cid_id` int(11) NOT NULL AUTO_INCREMENT,
  `cid_name` varchar(150) DEFAULT NULL,
  `cid_num` varchar(150) DEFAULT NULL,
  `description` varchar(50) DEFAULT NULL,
  `dest` varchar(255) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `setcid` VALUES (1,'VIP ${CALLERID(name)}','${CALLERID(num)}','Mark','ext-queues,401,1');

CREATE TABLE `incoming` (
  `cidnum` varchar(50) DEFAULT NULL,
  `extension` varchar(50) NOT NULL,
  `destination` varchar(50) DEFAULT NULL,
  `privacyman` tinyint(1) DEFAULT NULL,
  `alertinfo` varchar(255) DEFAULT NULL,
  `mohclass` varchar(80) NOT NULL DEFAULT 'default',
  `description` varchar(80) DEFAULT NULL,
  `grppre` varchar(80) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `incoming` (`cidnum`, `extension`, `destination`, `privacyman`, `alertinfo`, `mohclass`, `description`, `grppre`) VALUES
('','74951234567','app-announcement-1,s,1',0,'','default','Основной',''),
('','84951234568','app-daynight,0,1',0,'','default','Office','TEA '),
('','+7 (495) 123-45-69','app-setcid,1,1',0,'','default','Support line',''),
('79161112233','74951234567','ext-queues,401,1',0,'','default','Friend',''),
('','','ext-queues,400,1',0,'','default','Any DID',''),
('','_7495555XXXX','ext-queues,400,1',0,'','default','Pattern','');

CREATE TABLE `music` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `category` varchar(190) DEFAULT NULL,
  `type` varchar(100) DEFAULT NULL,
  `random` tinyint(1) DEFAULT 0,
  `application` varchar(255) DEFAULT NULL,
  `format` varchar(10) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `music` VALUES (1,'default','files',0,NULL,NULL),(2,'tea','files',1,NULL,NULL),(3,'radio','custom',0,'/usr/bin/mpg123 -q http://radio.example','ulaw');

CREATE TABLE `outbound_routes` (
  `route_id` int(11) NOT NULL AUTO_INCREMENT,
  `name` varchar(40) DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `outbound_routes` VALUES (1,'Russia');

CREATE TABLE `findmefollow` (
  `grpnum` varchar(20) NOT NULL,
  `strategy` varchar(50) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `findmefollow` VALUES ('201','ringallv2-prim');
-- Dump completed on 2026-11-20 12:00:00
